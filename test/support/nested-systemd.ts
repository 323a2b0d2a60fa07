import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { intercept } from "../../agent/system/intercept.ts";
import { createLinuxSystem } from "../../agent/system/linux/linux-system.ts";
import type { System } from "../../agent/system/system.ts";
import { systemClock } from "../../shared/clock.ts";

/** A systemd of its own, in namespaces and with a root in memory: nothing of the machine's is seen by it or changed. */
export interface NestedSystemd extends AsyncDisposable {
  /** Whose programs run in there. */
  system: System;
  /** Words before a command that run it in there. */
  within: readonly string[];
}

const program = "/usr/lib/systemd/systemd";

/** Why there can be none here; undefined where there can. */
export function whyNoSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return "namespaces take root";
  if (!existsSync(program)) return `there is no ${program}`;
  if (unifiedRoot() === undefined) return "cgroup2 is not mounted";
  const tried = spawnSync("unshare", ["-m", "-p", "-u", "-i", "-C", "--fork", "true"], { timeout: 10_000 });
  return tried.status === 0 ? undefined : "namespaces cannot be made";
}

function unifiedRoot(): string | undefined {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  return mounts.map((line) => line.split(" ")).find(([, , type]) => type === "cgroup2")?.[1];
}

/** The journal would want the machine's own; a target of its own needs no disks. */
const script = `set -e
R=$1
echo $$ > $2/cgroup.procs
exec unshare -m -p -u -i -C --fork --kill-child sh -ec '
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir -p usr etc/systemd/system proc sys dev run tmp var/lib root old
for l in bin sbin lib lib64; do ln -s usr/$l $l; done
mount --rbind /usr usr
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
for d in null zero full random urandom tty; do touch dev/$d; mount --bind /dev/$d dev/$d; done
mount -t tmpfs tmpfs run
cp /etc/passwd /etc/group etc/
echo 0123456789abcdef0123456789abcdef > etc/machine-id
ln -s /dev/null etc/systemd/system/systemd-journald.service
mount -t tmpfs tmpfs usr/local/lib
mkdir -p usr/local/lib/systemd/system
cp "$2"/* usr/local/lib/systemd/system/
pivot_root . old
umount -l /old
export container=flashfleet
exec ${program} --system --log-target=null --show-status=no
' nested "$1" "$3"`;

/** Boots one with these units beside a target that wants none; ready when it answers. */
export async function startSystemd(units: Readonly<Record<string, string>>): Promise<NestedSystemd> {
  const folder = await mkdtemp(join(tmpdir(), "ff-systemd-"));
  const root = join(folder, "root");
  const files = join(folder, "units");
  const group = `${unifiedRoot()}/ff-${folder.split("-").at(-1)}`;
  for (const each of [root, files, group]) await mkdir(each);
  const target = "[Unit]\nDescription=all of it\nDefaultDependencies=no\n";
  for (const [name, text] of Object.entries({ "default.target": target, ...units }))
    await writeFile(join(files, name), text);
  const child = spawn("sh", ["-c", script, "nested", root, group, files], { stdio: "ignore" });
  const first = await childOf(child.pid ?? 0, program);
  const within = ["nsenter", "-t", String(first), "-m", "-p", "-u", "-i", "-r", "-w"] as const;
  const linux = createLinuxSystem({ clock: systemClock });
  const system = intercept(linux, {
    exec: (command, deadline) => linux.exec({ ...command, argv: [...within, ...command.argv] }, deadline),
  });
  const ready = spawnSync(within[0], [...within.slice(1), "systemctl", "is-system-running", "--wait"], {
    timeout: 20_000,
  });
  if (ready.error !== undefined) throw ready.error;
  return {
    system,
    within,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      // The first process takes all others of its namespace along.
      process.kill(first, "SIGKILL");
      await ended;
      await removeGroups(group);
      await rm(folder, { recursive: true });
    },
  };
}

/** The process below another that runs a program, once it does: looked for, since nothing tells that it is ready. */
async function childOf(parent: number, path: string): Promise<number> {
  const until = performance.now() + 20_000;
  for (;;) {
    for (const pid of await descendants(parent)) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const isReady = existsSync(`/proc/${pid}/root/run/systemd/private`);
      if (line.startsWith(`${path}\0`) && isReady) return pid;
    }
    if (performance.now() > until) throw new Error("the nested systemd did not come up in 20 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const own = text.split(" ").filter(Boolean).map(Number);
  return [...own, ...(await Promise.all(own.map(descendants))).flat()];
}

/** What is left of it when all its processes are gone; from the innermost. */
async function removeGroups(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(group, entry.name));
  await rmdir(group);
}
