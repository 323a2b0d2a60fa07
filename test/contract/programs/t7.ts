import { A, B, blocks, connect, firstDisk, HI, HN, lastTexts, makePort, NoDisk, P, states } from "./fabrics.ts";
import { attempt, type Lib } from "./lib.ts";

const modules = ["configfs", "nvmet", "nvmet-tcp", "nvme-fabrics", "nvme-tcp"];
const S = `subsystems/${A}`;
const U = "11111111-aaaa-4bbb-8ccc-000000000001";

/** Namespaces of one uuid, disks that go while they are open, and a subsystem that is made anew (t7.py). */
export function t7(lib: Lib): Promise<void> {
  return duplicates(lib, true);
}

/** As t7, without I/O to a disk that no path leads to (t8.py). */
export function t8(lib: Lib): Promise<void> {
  return duplicates(lib, false);
}

async function duplicates(lib: Lib, reads: boolean): Promise<void> {
  try {
    await all(lib, reads);
  } catch (error) {
    // So ends the original, too.
    if (!(error instanceof NoDisk)) throw error;
  }
}

async function all(lib: Lib, reads: boolean): Promise<void> {
  await lib.boot(modules);
  await lib.machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await makeSubsystem(lib, A, "/dev/ram0");
  await makeSubsystem(lib, B, "/dev/ram1");
  await makePort(lib, "127.0.0.1");
  await link(lib);
  await connectBoth(lib);
  await sameUuidTwice(lib);
  await openWhileItGoes(lib);
  await reconnectWithout(lib);
  if (reads && !(await readWithoutPath(lib))) return;
  await makeAnew(lib);
}

async function makeSubsystem(lib: Lib, nqn: string, device: string): Promise<void> {
  const { w, mk } = lib.words();
  const subsystem = `subsystems/${nqn}`;
  await mk(subsystem);
  await w(`${subsystem}/attr_allow_any_host`, "1");
  await mk(`${subsystem}/namespaces/1`);
  await w(`${subsystem}/namespaces/1/device_path`, device);
  await w(`${subsystem}/namespaces/1/device_uuid`, U);
  await w(`${subsystem}/namespaces/1/enable`, "1");
}

async function link(lib: Lib): Promise<void> {
  await lib.ln(`subsystems/${A}`, `${P}/subsystems/a`);
  await lib.ln(`subsystems/${B}`, `${P}/subsystems/b`);
}

async function unlink(lib: Lib): Promise<void> {
  await lib.un(`${P}/subsystems/a`);
  await lib.un(`${P}/subsystems/b`);
}

async function C(lib: Lib, nqn: string): Promise<string> {
  const line = `nqn=${nqn},transport=tcp,traddr=127.0.0.1,trsvcid=4420,nr_io_queues=1,reconnect_delay=1,hostnqn=${HN},hostid=${HI}`;
  const answer = await connect(lib, line);
  return "told" in answer ? answer.told : answer.errno;
}

async function connectBoth(lib: Lib): Promise<void> {
  const { T, w } = lib.words();
  const { machine } = lib;
  T("A", await C(lib, A));
  await machine.sleep(0.7);
  T("blocks", await blocks(lib));
  T("B dup uuid", await C(lib, B));
  await machine.sleep(1);
  T("blocks after B", await blocks(lib));
  T("dm", await lastTexts(lib, 4));
  T("allow_any 0 while connected", await w(`${S}/attr_allow_any_host`, "0"));
  await machine.sleep(0.3);
  T("st", await states(lib));
  await w(`${S}/attr_allow_any_host`, "1");
}

async function sameUuidTwice(lib: Lib): Promise<void> {
  const { T, w, mk, rd } = lib.words();
  await mk(`${S}/namespaces/2`);
  await w(`${S}/namespaces/2/device_path`, "/dev/ram2");
  await w(`${S}/namespaces/2/device_uuid`, U);
  T("enable dup uuid in same subsys (target)", await w(`${S}/namespaces/2/enable`, "1"));
  await lib.machine.sleep(1);
  T("blocks", await blocks(lib));
  T("dm", await lastTexts(lib, 4));
  await rd(`${S}/namespaces/2`);
}

async function openWhileItGoes(lib: Lib): Promise<void> {
  const { T, w } = lib.words();
  const { machine } = lib;
  const disk = await firstDisk(lib);
  const descriptor = await machine.calls.open(`/dev/${disk}`, { access: "read" });
  const readFirst = () => attempt(async () => (await machine.calls.read(descriptor, 4096, 0)).length);
  T("open", disk);
  await w(`${S}/namespaces/1/enable`, "0");
  await machine.sleep(0.7);
  T("disabled with open fd: blocks", await blocks(lib));
  T("read", await readFirst());
  await w(`${S}/namespaces/1/enable`, "1");
  await machine.sleep(1);
  T("re-enabled with open fd: blocks", await blocks(lib));
  T("read old fd", await readFirst());
  await machine.calls.close(descriptor);
  await machine.sleep(0.3);
  T("after close", await blocks(lib));
}

async function reconnectWithout(lib: Lib): Promise<void> {
  const { T, w } = lib.words();
  const { machine } = lib;
  const descriptor = await machine.calls.open(`/dev/${await firstDisk(lib)}`, { access: "read" });
  await unlink(lib);
  await w(`${S}/namespaces/1/enable`, "0");
  await machine.sleep(0.5);
  T("st", await states(lib));
  await link(lib);
  await machine.sleep(3);
  T("relinked with ns disabled: st", await states(lib));
  T("blocks", await blocks(lib));
  await w(`${S}/namespaces/1/enable`, "1");
  await machine.sleep(1);
  T("enabled: blocks", await blocks(lib));
  await machine.calls.close(descriptor);
}

/** Whether the program could go on: what reads cannot be ended, and the original waits for it for ever. */
async function readWithoutPath(lib: Lib): Promise<boolean> {
  const { T, w } = lib.words();
  const state = `${P}/ana_groups/1/ana_state`;
  T("set ana inaccessible", await w(state, "inaccessible"));
  await lib.machine.sleep(0.5);
  T("blocks", await blocks(lib));
  const code = await lib.machine.readDisk(await firstDisk(lib), 3);
  if (code === undefined) return false;
  T("dd", code);
  await w(state, "optimized");
  return true;
}

async function makeAnew(lib: Lib): Promise<void> {
  const { T, r, rd } = lib.words();
  const serial = () => r("/sys/class/nvme/nvme0/serial");
  T("ctrl serial", await serial());
  await unlink(lib);
  await rd(`${S}/namespaces/1`);
  T("rmdir A", await rd(S));
  await makeSubsystem(lib, A, "/dev/ram0");
  await link(lib);
  await lib.machine.sleep(3.5);
  T("recreated subsys new serial: st", await states(lib));
  T("blocks", await blocks(lib));
  T("serial host/target", (await serial()) + (await r(`${S}/attr_serial`)));
  T("dm", await lastTexts(lib, 8));
}
