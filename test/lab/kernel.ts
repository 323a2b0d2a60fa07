import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { hostCommand } from "./host-command.ts";
import { findProgram } from "./requirements.ts";

/** A Debian kernel, unpacked on this machine and never installed. */
export interface Kernel {
  /** `uname -r`: 6.12.117+deb12-amd64 */
  version: string;
  /** The compressed kernel to boot. */
  image: string;
  /** The folder that holds lib/modules/<version>, as `modprobe -d` wants it. */
  directory: string;
}

export interface KernelOptions {
  /** 6.12 has all of NVMe over Fabrics; 6.1 is Debian 12's own, without in-band authentication, TLS and nvme-loop. */
  series: string;
  /** The lab's cache folder. */
  cache: string;
  /** Told what takes long. */
  note?: (line: string) => void;
}

const APT_WITHIN = 5 * 60_000;
const UNPACK_WITHIN = 2 * 60_000;

/**
 * The newest kernel of a series: from the cache, else from the package sources of this machine, without root and without
 * touching its package lists. Delete the cache's `kernels` folder to look for a newer one.
 * @throws {FlashfleetError} `not_found` where no source has the series, `command_failed` where it cannot be fetched.
 */
export async function fetchKernel(options: KernelOptions): Promise<Kernel> {
  const { series, note = () => {} } = options;
  const kernels = join(options.cache, "kernels");
  await mkdir(kernels, { recursive: true });
  const cached = newestKernel((await readdir(kernels)).map(packageOf), series);
  if (cached !== undefined) return at(await realpath(join(kernels, cached.version)), cached.version);

  note(`looking for a Linux ${series} kernel in Debian's archive`);
  const directory = await mkdtemp(join(kernels, ".fetching-"));
  try {
    const apt = await privateApt(directory);
    const names = (
      await hostCommand([findProgram("apt-cache"), ...apt.settings, "pkgnames", "linux-image-"], { within: APT_WITHIN })
    ).split("\n");
    const found = newestKernel(names, series);
    if (found === undefined) {
      throw new FlashfleetError(
        "not_found",
        `cannot find a Linux ${series} kernel: no package source of this machine has one`,
        {
          hint: "the lab takes Debian 12's kernels: check that /etc/apt names bookworm and bookworm-security",
          cause: apt.failure,
        },
      );
    }
    note(`fetching ${found.package}`);
    await hostCommand([findProgram("apt-get"), ...apt.settings, "download", found.package], {
      directory,
      within: APT_WITHIN,
    });
    const file = (await readdir(directory)).find((name) => name.endsWith(".deb"));
    if (file === undefined)
      throw new FlashfleetError("not_found", `cannot unpack ${found.package}: apt-get left no file`);
    const tree = join(directory, "tree");
    await hostCommand([findProgram("dpkg-deb"), "-x", join(directory, file), tree], { within: UNPACK_WITHIN });
    await hostCommand([findProgram("depmod"), "-b", tree, found.version], { within: UNPACK_WITHIN });
    await publish(tree, join(kernels, found.version));
    return at(await realpath(join(kernels, found.version)), found.version);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The newest kernel of a series among package names; a package that is signed is preferred to its unsigned twin. */
export function newestKernel(
  names: readonly string[],
  series: string,
): { package: string; version: string } | undefined {
  const kernels = names.flatMap((name) => {
    const [, version, numbers, signedness] =
      /^linux-image-(([\d.]+(?:-\d+)?)(?:\+[\w.]+)?-amd64)(-unsigned)?$/.exec(name) ?? [];
    if (version === undefined || numbers === undefined || !numbers.startsWith(`${series}.`)) return [];
    return [{ package: name, version, numbers: numbers.split(/[.-]/).map(Number), signed: signedness === undefined }];
  });
  kernels.sort((a, b) => compareNumbers(b.numbers, a.numbers) || Number(b.signed) - Number(a.signed));
  const [newest] = kernels;
  return newest === undefined ? undefined : { package: newest.package, version: newest.version };
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? a.length - b.length : (a[index] ?? 0) - (b[index] ?? 0);
}

function packageOf(version: string): string {
  return `linux-image-${version}`;
}

function at(directory: string, version: string): Kernel {
  return { version, directory, image: join(directory, "boot", `vmlinuz-${version}`) };
}

/** Settings for apt with lists and caches of its own. A source that does not answer is no failure while another has the kernel. */
async function privateApt(directory: string): Promise<{ settings: string[]; failure: unknown }> {
  const lists = join(directory, "lists");
  const archives = join(directory, "apt");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(archives, "archives", "partial"), { recursive: true });
  // Root's apt would fetch as the user _apt, who cannot write here.
  const settings = ["APT::Sandbox::User=root", `Dir::State::lists=${lists}`, `Dir::Cache=${archives}`].flatMap(
    (setting) => ["-o", setting],
  );
  try {
    await hostCommand([findProgram("apt-get"), ...settings, "update"], { within: APT_WITHIN });
    return { settings, failure: undefined };
  } catch (failure) {
    return { settings, failure };
  }
}

/** Moves a finished tree to its place; whoever was faster has put the same there. */
async function publish(tree: string, place: string): Promise<void> {
  try {
    await rename(tree, place);
  } catch (cause) {
    if (existsSync(place)) return;
    throw new FlashfleetError("store_failed", `cannot write ${place}: ${toErrorData(cause).message}`, { cause });
  }
}
