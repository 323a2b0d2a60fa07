import type { Clock } from "../../../shared/clock.ts";
import type { InterfaceAddress } from "../system.ts";
import { Drive, type DriveOptions } from "./drives.ts";
import { Errno } from "./errno.ts";
import type { Fabric } from "./fabric/fabric.ts";
import { PlainDirectory, PlainFile } from "./files/plain.ts";
import type { Machine } from "./machine.ts";
import type { FoundModules } from "./modules.ts";
import type { Pace } from "./pace.ts";
import type { RandomBytes } from "./random.ts";
import type { Kernel } from "./versions.ts";

export interface ModelNodeOptions {
  hostname: string;
  /** A name of {@link kernelVersions}; 6.12 by default. */
  kernel?: string;
  /** Local drives; a name (nvme2n1) fixes the instance. */
  drives: readonly (DriveOptions & { name?: string })[];
  /** `10.0.0.1/24` gets the interfaces eth0, eth1, … */
  addresses: readonly (InterfaceAddress | string)[];
  fabric: Fabric;
  clock: Clock;
  random: RandomBytes;
  /** Plain files to begin with, by absolute path. A size alone makes a sparse one. */
  files?: Readonly<Record<string, string | { size: number }>>;
  /** Kernel modules that this node lacks. */
  modulesMissing?: readonly string[];
  /** Programs that this node lacks, of those that the model has. */
  programsMissing?: readonly string[];
  /** Directories whose files are in memory (tmpfs); default: /run. */
  tmpfs?: readonly string[];
  /** Whether it has an RDMA device, which reaches over all of its addresses. */
  rdma?: boolean;
  /** How long its kernel takes; no time at all by default. */
  pace?: Pace;
  /** Parameters of modules on the kernel's command line: `nvme_core.multipath`: `N`. */
  commandLine?: Readonly<Record<string, string>>;
}

/** What may be different at the next boot. */
export interface BootOptions {
  /** Serials of drives in the order in which the kernel finds them now, the rest behind them: names are given out anew. */
  driveOrder?: readonly string[];
  /** Those that are there when it boots; default: as at the first boot, whatever came and went since. */
  addresses?: readonly (InterfaceAddress | string)[];
  /** A kernel that runs already, on the node that this one is a model of. */
  found?: Found;
}

export interface Found {
  kernel: Kernel;
  modules: FoundModules;
  /** Is given the machine before anything else uses it. */
  begin(machine: Machine): void;
}

/** What is lost with the power: memory, and the kernel's own trees. */
const volatile = ["dev", "proc", "run", "sys", "tmp"];

/** What stays of a node without power: its drives with their content, and the files on its disk. */
export class Hardware {
  readonly options: ModelNodeOptions;
  readonly drives: Drive[] = [];
  readonly disk = new PlainDirectory();

  constructor(options: ModelNodeOptions) {
    this.options = options;
    for (const drive of options.drives) this.plug(drive, [], drive.name);
    for (const [path, content] of Object.entries(options.files ?? {})) this.place(path, content);
  }

  /** Without a name, or where it is taken, the drive gets the lowest instance from there on that is free. */
  plug(options: DriveOptions, taken: Iterable<number>, name?: string): Drive {
    const instances = new Set([...this.drives.map(({ instance }) => instance), ...taken]);
    const asked = /^nvme(\d+)n1$/.exec(name ?? "");
    let instance = asked === null ? 0 : Number(asked[1]);
    while (instances.has(instance)) instance++;
    const drive = new Drive(instance, options);
    this.drives.push(drive);
    return drive;
  }

  unplug(drive: Drive): void {
    this.drives.splice(this.drives.indexOf(drive), 1);
  }

  /** By its name of today. Throws ENOENT. */
  drive(name: string): Drive {
    const found = this.drives.find((drive) => drive.name === name);
    if (found === undefined) throw new Errno("ENOENT");
    return found;
  }

  /** Gives the same names to the drives in another order: those with these serials first. */
  enumerate(serials: readonly string[]): void {
    const instances = this.drives.map(({ instance }) => instance).sort((one, other) => one - other);
    const rank = ({ serial }: Drive) => (serials.includes(serial) ? serials.indexOf(serial) : serials.length);
    const found = [...this.drives].sort((one, other) => rank(one) - rank(other) || one.instance - other.instance);
    for (const [index, drive] of found.entries()) drive.instance = instances[index] ?? index;
  }

  place(path: string, content: string | { size: number }): void {
    const at = path.lastIndexOf("/");
    this.disk.ensure(path.slice(0, at)).set(path.slice(at + 1), new PlainFile(content));
  }

  losePower(): void {
    for (const name of volatile) this.disk.drop(name);
  }
}
