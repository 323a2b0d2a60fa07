import { basename, dirname, join, resolve } from "node:path/posix";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import { unitFiles } from "../service/unit-files.ts";
import { pathOf } from "../sysctl/key.ts";

const accounts = ["/etc/passwd", "/etc/group"];

/**
 * The files that an action looks at or changes, for a check to know them; undefined for an action that is about something
 * else. `deep`: with all that lies below.
 */
export function namedFiles(action: string, args: JsonRecord): { paths: string[]; deep: boolean } | undefined {
  const { path, dest, src, state, recurse, name, sysctl_file: sysctlFile } = args;
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
    case "sysctl": {
      if (typeof name !== "string") return undefined;
      const settings = typeof sysctlFile === "string" ? [sysctlFile] : [];
      return { paths: [...accounts, ...settings, pathOf(name.trim())], deep: false };
    }
    case "service":
    case "systemd_service":
      return typeof name === "string" ? { paths: unitFiles(name.trim()), deep: false } : undefined;
    case "mount": {
      const { fstab = "/etc/fstab" } = args;
      const named = [fstab, name, path, src].flatMap((each) => (typeof each === "string" ? [each] : []));
      return { paths: named.filter((each) => each.startsWith("/")), deep: false };
    }
    default:
      return undefined;
  }
}
