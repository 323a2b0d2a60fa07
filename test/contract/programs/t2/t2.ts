import { A, B, HN, makePort, P } from "../fabrics.ts";
import type { Lib } from "../lib.ts";
import { connecting } from "./connecting.ts";
import { discovering } from "./discovering.ts";
import { limits } from "./limits.ts";
import { namespaces } from "./namespaces.ts";
import { pairs } from "./pairs.ts";
import { refusals } from "./refusals.ts";
import { removals } from "./removals.ts";
import { HN2, Words } from "./world.ts";

const modules = ["configfs", "nvmet", "nvmet-tcp", "nvme-fabrics", "nvme-tcp", "brd"];

/** Links, connects, names, removals and reconnects, and what the kernel tells its listeners (t2.py). */
export async function t2(lib: Lib): Promise<void> {
  const { T, ln } = lib.words();
  const { machine } = lib;
  await lib.boot(modules);
  await machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await machine.modprobe("loop");
  const words = new Words(lib, await machine.hear());
  for (const host of [HN, HN2]) await lib.mk(`hosts/${host}`);
  await makeSubsystem(lib, A, "/dev/ram0", "11111111-aaaa-4bbb-8ccc-000000000001");
  await makeSubsystem(lib, B, "/dev/ram1", "22222222-aaaa-4bbb-8ccc-000000000002");
  for (const nqn of [A, B]) await ln(`hosts/${HN}`, `subsystems/${nqn}/allowed_hosts/${HN}`);
  await makePort(lib, "127.0.0.1");
  T("link A", await ln(`subsystems/${A}`, `${P}/subsystems/${A}`));
  T("link B", await ln(`subsystems/${B}`, `${P}/subsystems/${B}`));
  await refusals(words);
  const controller = await connecting(words);
  await namespaces(words, controller);
  await removals(words, controller);
  await limits(words);
  await pairs(words);
  await discovering(words);
}

async function makeSubsystem(lib: Lib, nqn: string, device: string, uuid: string): Promise<void> {
  const { w, mk } = lib.words();
  const subsystem = `subsystems/${nqn}`;
  await mk(subsystem);
  await mk(`${subsystem}/namespaces/1`);
  await w(`${subsystem}/namespaces/1/device_path`, device);
  await w(`${subsystem}/namespaces/1/device_uuid`, uuid);
  lib.T(`enable ${nqn}`, await w(`${subsystem}/namespaces/1/enable`, "1"));
  await w(`${subsystem}/attr_serial`, `5eed000${uuid.slice(0, 1)}`);
}
