import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";

/** Something that the lab needs and this machine lacks. */
interface Missing {
  what: string;
  /** Debian's package of it, where one helps. */
  package?: string;
}

/** Fixed, because a person without root rarely has the sbin folders on the search path. */
const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Every program of this machine that the lab runs, here or in a guest, and Debian's package of it. */
const PACKAGES = {
  "qemu-system-x86_64": "qemu-system-x86",
  busybox: "busybox-static",
  modprobe: "kmod",
  depmod: "kmod",
  xz: "xz-utils",
  setpriv: "util-linux",
  setsid: "util-linux",
  "apt-get": "apt",
  "apt-cache": "apt",
  "dpkg-deb": "dpkg",
  nvme: "nvme-cli",
  "mkfs.ext4": "e2fsprogs",
  wipefs: "util-linux",
  mount: "mount",
} as const;

/** What only some of its tests run. */
const MORE = { fio: "fio", rdma: "iproute2" } as const;

export type LabProgram = keyof typeof PACKAGES;
export type MoreProgram = keyof typeof MORE;

/** All that the lab needs and this machine lacks; empty where it can run. */
function missingRequirements(more: readonly MoreProgram[]): Missing[] {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return [{ what: `Linux on x86-64 (this is ${process.platform} on ${process.arch})` }];
  }
  const missing: Missing[] = [];
  const needed = [...Object.entries(PACKAGES), ...more.map((program) => [program, MORE[program]] as const)];
  for (const [program, debian] of needed) {
    const path = search(program);
    if (path === undefined) missing.push({ what: program, package: debian });
    else if (program === "busybox" && !isStatic(path)) missing.push({ what: "a static busybox", package: debian });
  }
  return missing;
}

/** One line that says why the lab cannot run here, with these programs more, and what to do; undefined where it can. */
export function whyNoLab(more: readonly MoreProgram[] = []): string | undefined {
  const missing = missingRequirements(more);
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.flatMap((each) => each.package ?? []));
  const remedy = packages.size === 0 ? "" : `; remedy: ${installing(...packages)}`;
  return `the lab needs ${missing.map(({ what }) => what).join(", ")}${remedy}`;
}

/**
 * Where a program lies.
 * @throws {FlashfleetError} `not_found` with the package that has it.
 */
export function findProgram(program: LabProgram): string {
  const path = search(program);
  if (path !== undefined) return path;
  throw new FlashfleetError("not_found", `cannot find ${program}: it is in none of ${FOLDERS.join(" ")}`, {
    hint: installing(PACKAGES[program]),
  });
}

function installing(...packages: string[]): string {
  return `apt-get install --no-install-recommends ${packages.join(" ")}`;
}

function search(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether a 64-bit ELF program names no interpreter: in the initial ram disk there is no dynamic loader. */
function isStatic(path: string): boolean {
  const interpreterHeader = 3;
  const head = Buffer.alloc(4096);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const start = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => start + index * size)
    .filter((offset) => offset + 4 <= head.length)
    .every((offset) => head.readUInt32LE(offset) !== interpreterHeader);
}
