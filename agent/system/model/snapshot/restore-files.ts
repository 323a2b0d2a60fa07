import { resolve } from "node:path/posix";
import { parseMountinfo } from "../../../observe/mountinfo.ts";
import { Errno } from "../errno.ts";
import { type Directory, type Entry, fixed, merged, text } from "../files/entry.ts";
import { PlainDirectory, PlainFile } from "../files/plain.ts";
import type { Machine } from "../machine.ts";
import { PageStore } from "../page-store.ts";
import { mountinfoLine } from "../procfs.ts";
import type { Uses } from "../uses.ts";
import type { CapturedEntries, CapturedEntry } from "./collector.ts";
import type { CapturedText, Snapshot } from "./snapshot.ts";

const sector = 512;

/** The files of a shadow that stay what they were found to be, under the trees that the model makes. */
export class FoundTree {
  readonly #machine: Machine;
  /** What lies in the kernel's own trees and in /dev. */
  readonly #static = new PlainDirectory();
  readonly #placed = new Set<string>();

  constructor(machine: Machine, snapshot: Snapshot) {
    this.#machine = machine;
    this.add(snapshot.entries);
    this.#addProcesses(snapshot);
    const { root } = machine;
    const base = (name: string): Directory => {
      const entry = root.get(name);
      return entry?.kind === "directory" ? entry : fixed({});
    };
    const proc = merged(this.#static.ensure("proc"), base("proc"));
    root.set("proc", "errno" in snapshot.open ? { ...proc, list: refusing(snapshot.open.errno) } : proc);
    root.set("sys", merged(this.#static.ensure("sys"), base("sys")));
    root.set("dev", merged(this.#static.ensure("dev"), withOptions(base("dev"), snapshot.fabrics.options)));
    const modules = root.ensure(`lib/modules/${snapshot.seen.kernel.release}`);
    for (const [name, content] of Object.entries(snapshot.moduleFiles)) {
      if (content !== undefined) modules.set(`modules.${name}`, new PlainFile(content));
    }
  }

  /** Also later: what a task is going to name. What is there already stays as it is by now. */
  add(entries: CapturedEntries): void {
    for (const [path, entry] of Object.entries(entries)) this.#place(path, entry);
  }

  /** Each path once: what a task has removed by now is not found again. */
  #place(path: string, entry: CapturedEntry): void {
    if (this.#placed.has(path)) return;
    this.#placed.add(path);
    if (entry.kind === "sysctl") {
      this.#machine.sysctls.recall(path, entry.text);
      return;
    }
    const home = /^\/(dev|proc|sys)(\/|$)/.test(path) ? this.#static : this.#machine.root;
    if (entry.kind === "directory") {
      const directory = home.ensure(path);
      if (entry.access !== undefined) directory.access = entry.access;
      return;
    }
    const at = path.lastIndexOf("/");
    const directory = home.ensure(path.slice(0, at));
    const name = path.slice(at + 1);
    if (directory.get(name) === undefined) directory.set(name, entryOf(entry));
  }

  #addProcesses({ bootId, mountinfo, swaps, open, programs, seen }: Snapshot): void {
    const proc = this.#static.ensure("proc");
    proc.ensure("sys/kernel/random").set(
      "boot_id",
      text(() => `${bootId}\n`),
    );
    const { uses } = this.#machine;
    const configfs = { device: "none", at: "/sys/kernel/config", type: "configfs", options: "rw,relatime" };
    const mounts = captured(mountinfo, (found) => {
      const isNew = this.#machine.configfsMounted && !seen.kernel.configfsMounted;
      const added = [...(isNew ? [configfs] : []), ...uses.mounted.map((each) => ({ ...each, device: each.source }))];
      return [withoutEnded(found, uses), ...added.map((each, index) => mountinfoLine(each, 900 + index, 20))].join("");
    });
    if (mounts !== undefined) proc.ensure("self").set("mountinfo", mounts);
    const swap = captured(swaps, (found) => found);
    if (swap !== undefined) proc.set("swaps", swap);
    if ("errno" in open) return;
    for (const { pid, path } of open.files) {
      const directory = proc.ensure(String(pid));
      directory.set(
        "comm",
        text(() => `${programs[pid] ?? "?"}\n`),
      );
      const descriptors = directory.ensure("fd");
      // Names sort as numbers of equal length do: the order stays.
      const number = String([...descriptors.list()].length).padStart(8, "0");
      descriptors.set(number, { kind: "link", to: path });
    }
    for (const { pid, comm, errno } of open.hidden) {
      const refuse = refusing(errno);
      const directory = proc.ensure(String(pid)).set(
        "comm",
        text(() => `${comm}\n`),
      );
      directory.set("fd", { kind: "directory", list: refuse, get: refuse });
    }
  }
}

/** Disks that the model has no driver for: of them it knows what they are called, how large they are, and who uses them. */
export function restoreDisks(machine: Machine, { entries, claims }: Snapshot): void {
  const files = new Map(Object.entries(entries));
  const line = (path: string) => {
    const entry = files.get(path);
    return entry?.kind === "file" && "text" in entry ? entry.text.trim() : "";
  };
  for (const [path, entry] of files) {
    const [, name] = /^\/sys\/class\/block\/([^/]+)$/.exec(path) ?? [];
    if (name !== undefined && entry.kind === "link") {
      const home = resolve("/sys/class/block", entry.to);
      const bytes = Number(line(`${home}/size`)) * sector;
      const readOnly = line(`${home}/ro`) === "1";
      machine.foreign.disks.set(name, { io: new PageStore(), size: () => bytes, readOnly });
    }
    const [, instance] = /^\/sys\/class\/(?:nvme\/nvme|nvme-subsystem\/nvme-subsys)(\d+)$/.exec(path) ?? [];
    if (instance !== undefined) machine.foreign.instances.add(Number(instance));
  }
  for (const [name, errno] of Object.entries(claims)) machine.uses.restoreClaim(name, errno);
}

function entryOf(entry: Exclude<CapturedEntry, { kind: "directory" | "sysctl" }>): Entry {
  if (entry.kind === "plain") {
    const file = new PlainFile(entry.content);
    if (entry.access !== undefined) file.access = entry.access;
    return file;
  }
  if (entry.kind !== "file") return entry;
  if ("text" in entry) return text(() => entry.text);
  return { kind: "file", read: refusing(entry.errno) };
}

function refusing(errno: string): () => never {
  return () => {
    throw new Errno(errno);
  };
}

function captured(found: CapturedText, now: (found: string) => string): Entry | undefined {
  if ("errno" in found) return { kind: "file", read: refusing(found.errno) };
  const { text: content } = found;
  return content === undefined ? undefined : text(() => now(content));
}

/** Lines of mountinfo but those of what has been unmounted since: at each mount point the last ones. */
function withoutEnded(mountinfo: string, uses: Uses): string {
  const ended = new Map<string, number>();
  const kept = mountinfo
    .split(/(?<=\n)/)
    .toReversed()
    .filter((line) => {
      const at = parseMountinfo(line)[0]?.at;
      if (at === undefined) return true;
      const left = ended.get(at) ?? uses.endedAt(at);
      ended.set(at, left - 1);
      return left <= 0;
    });
  return kept.toReversed().join("");
}

/** /dev/nvme-fabrics says what it said, for as long as it is there. */
function withOptions(dev: Directory, options: string | undefined): Directory {
  return {
    kind: "directory",
    list: () => dev.list(),
    get: (name) => {
      const entry = dev.get(name);
      if (name !== "nvme-fabrics" || options === undefined || entry?.kind !== "char") return entry;
      return { ...entry, read: () => options };
    },
  };
}
