import { resolve } from "node:path/posix";
import { FlashfleetError } from "../../../../shared/errors.ts";
import { mostOfFile } from "../../../../shared/modules/actions/files.ts";
import type { Stat } from "../../system.ts";
import type { Access } from "../files/entry.ts";
import { capturePath } from "./capture-disks.ts";
import type { Collector } from "./collector.ts";

/** Linux gives up after forty links (MAXSYMLINKS). */
const mostLinks = 40;
/** Things in a directory, with all below it. */
const mostBelow = 20_000;

/**
 * What lies at a path with its content, its permissions and owners, and every directory and link on the way, as they are. With
 * `deep` all that is below it too. Throws `bad_argument` where that is too much.
 */
export async function captureFiles(collector: Collector, path: string, deep: boolean): Promise<void> {
  const rest = path.split("/").filter((part) => part !== "" && part !== ".");
  let here = "";
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = resolve(here === "" ? "/" : here, part);
    const stat = await lookAt(collector, next);
    if (stat === undefined) return;
    if (stat.kind === "link") {
      const to = await collector.readlink(next);
      if (to === undefined || ++links > mostLinks) return;
      collector.put(next, { kind: "link", to, access: accessOf(stat) });
      rest.unshift(
        ...resolve(here === "" ? "/" : here, to)
          .split("/")
          .filter(Boolean),
      );
      here = "";
    } else {
      await captureOne(collector, next, stat);
      here = next === "/" ? "" : next;
    }
  }
  if (deep && here !== "") await captureBelow(collector, here, { left: mostBelow });
}

async function captureBelow(collector: Collector, directory: string, room: { left: number }): Promise<void> {
  for (const name of await collector.list(directory)) {
    if (room.left-- <= 0) {
      throw new FlashfleetError(
        "bad_argument",
        `cannot check ${directory}: it has more than ${mostBelow} things in it`,
        {
          hint: "leave the task out of the check, with when: not ansible_check_mode",
        },
      );
    }
    const path = `${directory}/${name}`;
    const stat = await lookAt(collector, path);
    if (stat === undefined) continue;
    if (stat.kind !== "link") await captureOne(collector, path, stat);
    else {
      const to = await collector.readlink(path);
      if (to !== undefined) collector.put(path, { kind: "link", to, access: accessOf(stat) });
    }
    if (stat.kind === "directory") await captureBelow(collector, path, room);
  }
}

async function lookAt(collector: Collector, path: string): Promise<Stat | undefined> {
  const stat = await collector.attempt(collector.system.stat(path));
  return stat === undefined || "errno" in stat ? undefined : stat;
}

async function captureOne(collector: Collector, path: string, stat: Stat): Promise<void> {
  if (stat.kind === "directory") collector.put(path, { kind: "directory", access: accessOf(stat) });
  else if (stat.kind !== "file") await capturePath(collector, path);
  else if (path.startsWith("/proc/sys/")) {
    const text = await collector.attempt(collector.system.read(path));
    // Some can only be written to.
    if (text !== undefined) collector.put(path, { kind: "sysctl", text: typeof text === "string" ? text : "" });
  } else {
    const text = stat.size > mostOfFile ? undefined : await collector.attempt(collector.system.read(path));
    const content = typeof text === "string" && Buffer.byteLength(text) === stat.size ? text : { size: stat.size };
    collector.put(path, { kind: "plain", content, access: accessOf(stat) });
  }
}

function accessOf({ mode, uid, gid }: Stat): Access {
  return { mode, uid, gid };
}
