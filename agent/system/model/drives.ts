import type { Backing } from "./backing.ts";
import { PageStore } from "./page-store.ts";
import { type Partition, readPartitions } from "./partitions.ts";
import { hexOf } from "./random.ts";

/** A local NVMe drive to begin with. */
export interface DriveOptions {
  serial: string;
  model: string;
  /** Bytes. */
  size: number;
  readOnly?: boolean;
}

/** A local NVMe drive behind a PCI controller of its own: nvme<instance> with the disk nvme<instance>n1. */
export class Drive implements Backing {
  /** As the kernel found it at this boot. */
  instance: number;
  /** Where it is plugged. The first slot that QEMU gives to a drive is 4. */
  readonly #slot: number;
  readonly serial: string;
  readonly model: string;
  readonly readOnly: boolean;
  readonly io = new PageStore();
  /** As the kernel found them when it looked last. */
  partitions: readonly Partition[] = [];
  bytes: number;
  #wwid: string | undefined;

  constructor(instance: number, { serial, model, size, readOnly = false }: DriveOptions) {
    this.instance = instance;
    this.#slot = instance + 4;
    this.serial = serial;
    this.model = model;
    this.bytes = size;
    this.readOnly = readOnly;
  }

  get name(): string {
    return `nvme${this.instance}n1`;
  }

  get controller(): string {
    return `nvme${this.instance}`;
  }

  get pciAddress(): string {
    const slot = this.#slot;
    const hex = (value: number) => value.toString(16).padStart(2, "0");
    return `0000:${hex(Math.floor(slot / 32))}:${hex(slot % 32)}.0`;
  }

  /** As sysfs makes it for a drive that has neither uuid nor nguid: vendor, serial, model, nsid. */
  get wwid(): string {
    const hex = (text: string) => hexOf(Buffer.from(text));
    this.#wwid ??= `nvme.1b36-${hex(this.serial)}-${hex(this.model)}-00000001`;
    return this.#wwid;
  }

  size(): number {
    return this.bytes;
  }

  /** What the kernel does when it finds the drive, and when it is told to (BLKRRPART). */
  scanPartitions(): void {
    this.partitions = readPartitions(this.io, this.bytes);
  }
}
