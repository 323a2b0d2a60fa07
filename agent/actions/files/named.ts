import { basename, dirname, join, resolve } from "node:path/posix";
import type { JsonRecord } from "../../../shared/protocol/json.ts";

const accounts = ["/etc/passwd", "/etc/group"];

/**
 * The files that an action looks at or changes, for a check to know them; undefined for an action that is about something
 * else. `deep`: with all that lies below.
 */
export function namedFiles(action: string, args: JsonRecord): { paths: string[]; deep: boolean } | undefined {
  const { path, dest, src, state, recurse } = args;
  switch (action) {
    case "copy": {
      if (typeof dest !== "string") return undefined;
      const inside = typeof src === "string" ? [join(dest, basename(src))] : [];
      return { paths: [...accounts, dest, ...inside], deep: false };
    }
    case "lineinfile":
      return typeof path === "string" ? { paths: [...accounts, path], deep: false } : undefined;
    case "file": {
      if (typeof path !== "string") return undefined;
      const target = typeof src === "string" ? [resolve(dirname(path), src)] : [];
      return { paths: [...accounts, ...target, path], deep: state === "absent" || recurse === true };
    }
    default:
      return undefined;
  }
}
