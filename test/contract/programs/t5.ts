import { discoveryNqn } from "../../../shared/nvme/nqn.ts";
import { connect, getLog, initialise, printedCompletion, recordOf, setProperty } from "./disc/commands.ts";
import { address, discoveryPort } from "./disc/discover.ts";
import { PythonError, Wire } from "./disc/wire.ts";
import type { Lib } from "./lib.ts";
import { Tuple } from "./python.ts";

/** What crashes some kernels, in processes of its own, and Linux 5.0's discovery (t5.py). Only for a model or a spare machine. */
export async function t5(lib: Lib): Promise<void> {
  const { release } = lib.machine;
  await lib.boot(["configfs", "nvmet", "nvmet-tcp"]);
  if (release.startsWith("5.0")) await slowDiscovery(lib);
  if (release.startsWith("5.0") || release.startsWith("5.4")) await removeReferral(lib);
  const status = await lib.fork({}, async (child) => {
    const namespace = "subsystems/y/namespaces/1";
    await child.mk("subsystems/y");
    await child.mk(namespace);
    child.T("buffered_io", await child.w(`${namespace}/buffered_io`, "1"));
    child.T("enable buffered without path", await child.w(`${namespace}/enable`, "1"));
  });
  lib.T("child2 status", status);
}

/** An ICReq right after accept is lost there; a third of a second later it is not. */
async function slowDiscovery(lib: Lib): Promise<void> {
  const { T, w, mk, ln } = lib.words();
  await mk("subsystems/x");
  await w("subsystems/x/attr_allow_any_host", "1");
  await mk("ports/1");
  await lib.address("ports/1", address, String(discoveryPort));
  T("link", await ln("subsystems/x", "ports/1/subsystems/x"));
  const wire = await Wire.open(lib.machine, address, discoveryPort);
  await lib.machine.sleep(0.3);
  try {
    T("icreq after 0.3s", await initialise(wire));
    const host = { subsystem: discoveryNqn, hostnqn: "nqn.h", hostid: "99999999-2222-4333-8444-555555555555" };
    T("connect", printedCompletion((await connect(wire, host)).completion));
    T("cc", printedCompletion((await setProperty(wire, 0x14, 0x460001n)).completion));
    const { completion, data, came } = await getLog(wire, 0x70, 0, 3072);
    const record = recordOf(data.subarray(1024, 2048));
    T("log", new Tuple(printedCompletion(completion), data.subarray(0, 20), came, record));
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    T("exc", error.message);
  }
}

async function removeReferral(lib: Lib): Promise<void> {
  await lib.mk("ports/2");
  await lib.mk("ports/2/referrals/r");
  const status = await lib.fork({}, async (child) => {
    child.T("rmdir DISABLED referral", await child.rd("ports/2/referrals/r"));
  });
  lib.T("child status", status);
}
