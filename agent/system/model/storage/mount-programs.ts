import { parseMountinfo } from "../../../observe/mountinfo.ts";
import { Errno } from "../errno.ts";
import { linkAt, namesIn, readWhole } from "../looks.ts";
import type { Machine } from "../machine.ts";
import { diskNamed, explaining, type StorageProgram } from "./storage-program.ts";
import { readSuperblocks } from "./superblocks.ts";

/** mount(8): a failed mount. */
const failure = 32;

/** File systems that lie on no device of the machine. */
const isWithoutDevice = (type: string) => /^(tmpfs|proc|sysfs|devpts|overlay|9p|nfs4?|cifs|none|ramfs)$/.test(type);

/** Options that the kernel shows of a mount. */
const shown = ["nosuid", "nodev", "noexec", "noatime", "nodiratime"];

const mount: StorageProgram = (args, machine) => {
  const option = (name: string) => args[args.indexOf(name) + 1] ?? "";
  const opts = args.includes("-o") ? option("-o").split(",") : [];
  const path = args.at(-1) ?? "";
  const fail = (stderr: string) => ({ stderr: `mount: ${path}: ${stderr}\n`, code: failure });
  return explaining(`mount: ${path}`, failure, async () => {
    const at = realDirectory(machine, path);
    if (at === undefined) return fail("mount point does not exist.");
    if (opts.includes("remount")) {
      if (mountsAt(machine, at).length === 0) return fail("mount point not mounted or bad option.");
      machine.uses.remountAt(at, (before) => renderOptions([...before.split(","), ...opts]));
      return { code: 0 };
    }
    const source = args.at(-2) ?? "";
    const type = option("-t");
    const options = renderOptions(opts);
    if (opts.includes("bind") || isWithoutDevice(type)) {
      machine.uses.mount({ device: "", source, at, type: type === "none" ? "ext4" : type, options });
      return { code: 0 };
    }
    const device = diskNamed(machine, source);
    if (device === undefined) return fail(`${source} is not a block device.`);
    const { holders, swap } = machine.uses.of(device);
    if (holders.length > 0 || swap) return fail(`${source} already mounted or mount point busy.`);
    const found = machine.isShadow ? type : await typeOf(machine, device);
    if (found === undefined || (type !== "auto" && type !== found)) {
      const problem = `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`;
      return fail(problem);
    }
    machine.uses.mount({ device, source, at, type: found, options });
    return { code: 0 };
  });
};

const umount: StorageProgram = ([path = ""], machine) =>
  explaining(`umount: ${path}`, failure, async () => {
    const at = realDirectory(machine, path) ?? path;
    const mounts = mountsAt(machine, at);
    const source = mounts.at(-1)?.source;
    if (source === undefined) return { stderr: `umount: ${path}: not mounted.\n`, code: failure };
    if (isBusy(machine, at)) return { stderr: `umount: ${path}: target is busy.\n`, code: failure };
    machine.uses.unmountAt(at);
    const device = source.startsWith("/dev/") ? diskNamed(machine, source) : undefined;
    const isElsewhere = parseMountinfo(readWhole(machine, "/proc/self/mountinfo")).some(
      (each) => each.source === source,
    );
    if (device !== undefined && !isElsewhere) machine.uses.dropClaim(device);
    return { code: 0 };
  });

function realDirectory(machine: Machine, path: string): string | undefined {
  try {
    const found = machine.find(path);
    return found.entry.kind === "directory" ? found.path : undefined;
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}

function mountsAt(machine: Machine, at: string) {
  return parseMountinfo(readWhole(machine, "/proc/self/mountinfo")).filter((each) => each.at === at);
}

async function typeOf(machine: Machine, device: string): Promise<string | undefined> {
  const disk = machine.openBlock(device);
  return (await readSuperblocks(disk.io, disk.size()))[0]?.type;
}

function renderOptions(words: readonly string[]): string {
  const access = words.findLast((word) => word === "ro" || word === "rw") ?? "rw";
  return [access, ...shown.filter((word) => words.includes(word)), "relatime"].join(",");
}

/** Open files, mounts below, loop devices on files, exports of files. */
function isBusy(machine: Machine, at: string): boolean {
  const isBelow = (path: string | undefined) => path?.startsWith(`${at}/`) === true;
  const pids = namesIn(machine, "/proc").filter((name) => /^\d+$/.test(name));
  const open = pids.flatMap((pid) => namesIn(machine, `/proc/${pid}/fd`).map((each) => `/proc/${pid}/fd/${each}`));
  const namespaces = [...machine.nvmet.subsystems.values()].flatMap((subsystem) => [...subsystem.namespaces]);
  return (
    open.some((link) => isBelow(linkAt(machine, link)) || linkAt(machine, link) === at) ||
    parseMountinfo(readWhole(machine, "/proc/self/mountinfo")).some((each) => isBelow(each.at)) ||
    [...machine.virtualDisks].some(({ file }) => isBelow(file?.path)) ||
    namespaces.some(({ backing, path }) => backing !== undefined && isBelow(path))
  );
}

/** Programs of the package mount. Only what is mounted is known to the model: files stay where they are in the one tree. */
export const mountPrograms: Readonly<Record<string, StorageProgram>> = { mount, umount };
