import type { Lib } from "../lib.ts";
import { Tuple } from "../python.ts";
import { discovery } from "./discovery.ts";
import { A, B, hostnqn, P } from "./names.ts";
import { devicePaths, networkNamespace, openFiles } from "./places.ts";

/** Discovery over the wire, namespaces of processes, limits, and open files (t4.py). */
export async function t4(lib: Lib): Promise<void> {
  await prepare(lib);
  await discovery(lib);
  await networkNamespace(lib);
  await devicePaths(lib);
  await mostNamespaces(lib);
  const trouble = (await lib.machine.kernelLog()).filter((line) => /WARN|BUG|Oops|Call Trace/.test(line));
  lib.T("dm", trouble);
  await openFiles(lib);
}

async function prepare(lib: Lib): Promise<void> {
  const { T, w, mk, ln, names } = lib.words();
  const { calls } = lib.machine;
  await lib.boot(["configfs", "nvmet", "nvmet-tcp"]);
  await lib.machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await mk(`hosts/${hostnqn}`);
  for (const nqn of [A, B]) await mk(`subsystems/${nqn}`);
  const root = "/sys/kernel/config/nvmet";
  T("attr st_size", (await calls.stat(`${root}/subsystems/${A}/attr_serial`)).size);
  await w(`subsystems/${B}/attr_allow_any_host`, "1");
  const allowed = `subsystems/${A}/allowed_hosts`;
  await ln(`hosts/${hostnqn}`, `${allowed}/xx`);
  const kinds = (await names(allowed)).map(async (name) => new Tuple(name, await lib.isLink(`${allowed}/${name}`)));
  T("scandir d_type symlink", await Promise.all(kinds));
  T("lstat mode link", await lib.mode(`${allowed}/xx`, false));
  T("stat dir mode", await lib.mode(`subsystems/${A}`));
  await mk(P);
  await lib.address(P, "0.0.0.0", "8009");
  T("link A", await ln(`subsystems/${A}`, `${P}/subsystems/a`));
  T("link B", await ln(`subsystems/${B}`, `${P}/subsystems/b`));
  const referral = `${P}/referrals/r1`;
  await mk(referral);
  await lib.address(referral, "192.0.2.9", "8009");
  await w(`${referral}/addr_portid`, "9");
  await w(`${referral}/enable`, "1");
}

async function mostNamespaces(lib: Lib): Promise<void> {
  const { T, w, mk } = lib.words();
  await lib.machine.calls.truncate("/tmp/z", 2 ** 20);
  for (let nsid = 1; nsid < 1027; nsid++) {
    const at = `subsystems/${B}/namespaces/${nsid}`;
    const made = await mk(at);
    if (made !== "ok") return T(`mkdir ns #${nsid}`, made);
    await w(`${at}/device_path`, "/tmp/z");
    await w(`${at}/buffered_io`, "1");
    const enabled = await w(`${at}/enable`, "1");
    if (enabled !== "ok") return T(`enable ns #${nsid}`, enabled);
  }
}
