import { attempt, type Lib, outcome } from "../lib.ts";
import { Tuple } from "../python.ts";
import { A, ninth, P } from "./names.ts";

const mebibyte = 2 ** 20;

/** Whose network namespace a port listens in. */
export async function networkNamespace(lib: Lib): Promise<void> {
  await lib.fork({ network: "own" }, async (child) => {
    const { T, mk, ln } = child.words();
    await mk("ports/7");
    await child.address("ports/7", "127.0.0.1", "7777");
    T("link in new netns", await ln(`subsystems/${A}`, "ports/7/subsystems/a"));
    T("listening in child netns", await listens(child));
  });
  lib.T("7777 listening in init netns after child", await listens(lib));
  await lib.un("ports/7/subsystems/a");
  await lib.rd("ports/7");
}

/** Port 7777, in hexadecimal. */
async function listens(lib: Lib): Promise<boolean> {
  return (await lib.r("/proc/net/tcp")).includes(":1E61");
}

/** Where the path of a namespace's device counts from. */
export async function devicePaths(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd } = lib.words();
  const { calls } = lib.machine;
  for (const path of ["/tmp/jail", "/tmp/jail/dev", "/tmp/jail/sys"]) await calls.mkdir(path);
  await calls.truncate("/tmp/jail/dev/only_in_jail", mebibyte);
  await lib.machine.mountSystem("/tmp/jail/sys");
  await lib.fork({ root: "/tmp/jail" }, async (child) => {
    await child.mk(ninth);
    await child.w(`${ninth}/device_path`, "/dev/only_in_jail");
    await child.w(`${ninth}/buffered_io`, "1");
    child.T("enable path only in chroot", await child.w(`${ninth}/enable`, "1"));
    await child.w(`${ninth}/enable`, "0");
  });
  T("same enable from outside", await w(`${ninth}/enable`, "1"));
  await rd(ninth);

  await calls.chdir("/tmp");
  await calls.truncate("/tmp/rel.img", mebibyte);
  await mk(ninth);
  await w(`${ninth}/device_path`, "rel.img");
  await w(`${ninth}/buffered_io`, "1");
  T("relative device_path cwd=/tmp", await w(`${ninth}/enable`, "1"));
  await calls.truncate("/tmp/rel.img", 12345);
  T("reval odd size", await w(`${ninth}/revalidate_size`, "1"));
  await calls.unlink("/tmp/rel.img");
  T("file deleted while enabled; enable reads", await r(`${ninth}/enable`));
  await rd(ninth);
  await calls.chdir("/");
}

/** Files of configfs that stay open. */
export async function openFiles(lib: Lib): Promise<void> {
  const { T, mk, rd } = lib.words();
  const { calls } = lib.machine;
  const at = (path: string) => `/sys/kernel/config/nvmet/${path}`;
  // Stays open, as in the recorded program.
  await calls.open(at(`${P}/addr_trtype`), { access: "both" });
  await mk("ports/8");
  const gone = await calls.open(at("ports/8/addr_trtype"), { access: "both" });
  T("rmdir with attr fd open", await rd("ports/8"));
  T("write to fd of removed item", await outcome(() => calls.write(gone, "tcp")));
  const read = await attempt(() => calls.read(gone, 10));
  T(typeof read === "string" ? "read fd of removed item" : "read", read);
  await calls.close(gone);
  await cachedReads(lib);
}

async function cachedReads(lib: Lib): Promise<void> {
  const { T, w, r } = lib.words();
  const { calls } = lib.machine;
  const a = `subsystems/${A}/attr_allow_any_host`;
  const b = a.replace(A, "nqn.2024-01.io.x:b");
  const both = { access: "both" } as const;
  const first = await calls.open(`/sys/kernel/config/nvmet/${a}`, both);
  const before = await calls.read(first, 16, 0);
  await w(b, "1");
  T("pread same fd cached?", new Tuple(before, await calls.read(first, 16, 0)));
  await calls.close(first);
  const second = await calls.open(`/sys/kernel/config/nvmet/${b}`, both);
  const old = await calls.read(second, 16, 0);
  await w(b, "0");
  T("stale read on same fd after other-fd write", new Tuple(old, await calls.read(second, 16, 0)));
  const written = await attempt(async () => {
    await calls.write(second, "1\n", 0);
    return calls.write(second, "0\n");
  });
  if (typeof written === "string") T("2 writes", written);
  else T("2 writes on same fd (2nd at pos)", new Tuple(written, await r(b)));
  await calls.close(second);
}
