import { A, B, HN, P } from "../fabrics.ts";
import { attempt, type Lib } from "../lib.ts";
import { Tuple } from "../python.ts";
import type { Words } from "./world.ts";

const S = `subsystems/${A}`;
const quick = "nr_io_queues=2,reconnect_delay=2";

/** What a host sees when it is revoked, when its subsystem leaves the port, and when the port goes. */
export async function removals(words: Words, controller: string): Promise<void> {
  await revoke(words, controller);
  await unlinkOne(words);
  await unlinkAll(words);
}

async function revoke(words: Words, controller: string): Promise<void> {
  const { lib } = words;
  const { T, w, ln, un, rd, names } = lib.words();
  T("unlink allowed host while connected", await un(`${S}/allowed_hosts/${HN}`));
  await lib.machine.sleep(1);
  T("ctrls", await words.ctrls());
  T("io still works", (await lib.exists("/dev/nvme0n1")) ? await readBlock(lib, "/dev/nvme0n1") : "n/a");
  T("rmdir host still linked to B", await rd(`hosts/${HN}`));
  words.forget();
  T("reset_controller after revoke", await w(`${controller}/reset_controller`, "1"));
  await lib.machine.sleep(5);
  T("ctrls after reset", await words.ctrls());
  T("dmesg", await words.dm("nvme", 8));
  await words.flushev("revoke+reset");
  await ln(`hosts/${HN}`, `${S}/allowed_hosts/${HN}`);
  for (const name of await names("/sys/class/nvme")) T("delete", await words.dele(name));
  await lib.machine.sleep(1);
  T("ctrls", await words.ctrls());
}

/** The exit code of a `dd` that reads one block. */
async function readBlock(lib: Lib, path: string): Promise<number> {
  const { calls } = lib.machine;
  const read = await attempt(async () => {
    const disk = await calls.open(path, { access: "read" });
    try {
      await calls.read(disk, 4096);
    } finally {
      await calls.close(disk);
    }
  });
  return read === undefined ? 0 : 1;
}

async function unlinkOne(words: Words): Promise<void> {
  const { lib } = words;
  const { T, ln, un } = lib.words();
  T("reconnect A", await words.C(A, { extra: quick }));
  T("connect B", await words.C(B, { extra: quick }));
  T("ctrls", await words.ctrls());
  words.forget();
  const begun = lib.machine.now();
  const unlinked = await un(`${P}/subsystems/${A}`);
  T("unlink A from port (B remains)", `${unlinked} ${((lib.machine.now() - begun) / 1000).toFixed(2)}s`);
  await lib.machine.sleep(0.5);
  T("ctrls +0.5s", await words.ctrls());
  await lib.machine.sleep(5);
  T("ctrls +5.5s", await words.ctrls());
  T("dmesg", await words.dm("nvme", 8));
  await words.flushev("unlink A");
  T("relink A", await ln(`subsystems/${A}`, `${P}/subsystems/${A}`));
  await lib.machine.sleep(3);
  const after = await words.ctrls();
  T("ctrls after relink", after);
  const isBack = [...after.values()].some((each) => each instanceof Tuple && each.items[1] === A);
  if (!isBack) T("reconnect A", await words.C(A, { extra: quick }));
}

async function unlinkAll(words: Words): Promise<void> {
  const { lib } = words;
  const { T, ln, un, rd } = lib.words();
  words.forget();
  T("unlink A", await un(`${P}/subsystems/${A}`));
  T("unlink B (port down)", await un(`${P}/subsystems/${B}`));
  T("rmdir subsystem A with ns", await rd(S));
  await lib.machine.sleep(4);
  T("ctrls port down 4s", await words.ctrls());
  T("dmesg", await words.dm("nvme", 6));
  T("relink B only", await ln(`subsystems/${B}`, `${P}/subsystems/${B}`));
  await lib.machine.sleep(4);
  T("ctrls after only B relinked", await words.ctrls());
  T("relink A", await ln(`subsystems/${A}`, `${P}/subsystems/${A}`));
  await lib.machine.sleep(4);
  T("ctrls after A relinked", await words.ctrls());
}
