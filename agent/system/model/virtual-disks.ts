import type { Backing, PageIo } from "./backing.ts";
import { Errno } from "./errno.ts";
import { PageStore } from "./page-store.ts";
import type { Kernel } from "./versions.ts";

const kibibyte = 1024;

/** A block device that a driver makes from nothing: a RAM disk, a loop device. */
export class VirtualDisk implements Backing {
  readonly name: string;
  /** As `ls -l /dev` shows them. */
  readonly numbers: { major: number; minor: number };
  readOnly = false;
  /** Of a loop device, once losetup has given it one: the file's path and what is in it. */
  file: { path: string; backing: Backing } | undefined;
  #bytes: number;
  readonly #pages = new PageStore();

  constructor(name: string, numbers: { major: number; minor: number }, bytes: number) {
    this.name = name;
    this.numbers = numbers;
    this.#bytes = bytes;
  }

  get io(): PageIo {
    return this.file?.backing.io ?? this.#pages;
  }

  size(): number {
    return this.#bytes;
  }

  /** losetup. Throws EBUSY. */
  attach(path: string, backing: Backing): void {
    if (this.file !== undefined) throw new Errno("EBUSY");
    this.file = { path, backing };
    this.#bytes = backing.size();
  }

  /** LOOP_SET_CAPACITY: takes the file's size of now. Throws ENXIO where there is no file. */
  refreshSize(): void {
    if (this.file === undefined) throw new Errno("ENXIO");
    this.#bytes = this.file.backing.size();
  }
}

type Parameters = Readonly<Record<string, string>>;

interface Driver {
  /** What loading the module makes. */
  make(parameters: Parameters, kernel: Kernel): VirtualDisk[];
}

function several(count: number, name: (index: number) => string, major: number, bytes: number): VirtualDisk[] {
  return Array.from({ length: count }, (_, minor) => new VirtualDisk(name(minor), { major, minor }, bytes));
}

/** Drivers of block devices without hardware, by module. Defaults as drivers/block has them. */
const drivers: Readonly<Record<string, Driver>> = {
  brd: {
    make: ({ rd_nr = "16", rd_size }, { built }) => {
      const size = rd_size ?? (built.has("bigRamDisks") ? "65536" : "16384");
      return several(Number(rd_nr), (index) => `ram${index}`, 1, Number(size) * kibibyte);
    },
  },
  loop: { make: ({ max_loop = "8" }) => several(Number(max_loop), (index) => `loop${index}`, 7, 0) },
  null_blk: {
    make: ({ nr_devices = "1", gb = "250" }) =>
      several(Number(nr_devices), (index) => `nullb${index}`, 252, Number(gb) * kibibyte ** 3),
  },
};

/** The block devices that a module's loading makes; none for all others. */
export function disksOf(module: string, parameters: Parameters, kernel: Kernel): VirtualDisk[] {
  return drivers[module]?.make(parameters, kernel) ?? [];
}
