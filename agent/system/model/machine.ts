import type { Clock } from "../../../shared/clock.ts";
import type { InterfaceAddress } from "../system.ts";
import type { Backing } from "./backing.ts";
import { devDirectory } from "./dev.ts";
import { Drive, type DriveOptions } from "./drives.ts";
import { Errno } from "./errno.ts";
import { Events } from "./events.ts";
import type { Fabric } from "./fabric/fabric.ts";
import { type Directory, type Entry, fixed, lazily, text } from "./files/entry.ts";
import { PlainDirectory, PlainFile } from "./files/plain.ts";
import { walk } from "./files/walk.ts";
import { Initiator } from "./host/initiator.ts";
import { headIo } from "./host/io.ts";
import { interfaceAddress } from "./ip.ts";
import { KernelLog } from "./kernel-log.ts";
import { Modules } from "./modules.ts";
import { Network } from "./network.ts";
import { Nvmet } from "./nvmet/core.ts";
import { serve } from "./nvmet/serve.ts";
import { nvmetTree } from "./nvmet/tree.ts";
import { procfs } from "./procfs.ts";
import { type RandomBytes, randomUuid } from "./random.ts";
import { sysfsEntries } from "./sysfs/sysfs.ts";
import { Uses } from "./uses.ts";
import { defaultKernel, type Kernel, kernelOf } from "./versions.ts";
import { disksOf, type VirtualDisk } from "./virtual-disks.ts";

/** What lies below is in memory, as on every system of today. */
const tmpfs = "/run/";

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
}

/** One modelled machine: its kernel's parts, and the one tree of files in which they show. */
export class Machine {
  readonly hostname: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly modules: Modules;
  readonly network: Network;
  readonly uses = new Uses();
  readonly events = new Events();
  readonly log: KernelLog;
  readonly initiator: Initiator;
  readonly nvmet: Nvmet;
  readonly bootId: string;
  readonly root = new PlainDirectory();
  readonly #drives = new Map<string, Drive>();
  readonly #virtualDisks = new Map<string, VirtualDisk>();
  #configfs = false;

  constructor(options: ModelNodeOptions) {
    this.hostname = options.hostname;
    this.kernel = kernelOf(options.kernel ?? defaultKernel);
    this.clock = options.clock;
    this.random = options.random;
    this.log = new KernelLog(options.clock);
    this.modules = new Modules(this.kernel, options.modulesMissing ?? []);
    const addresses = options.addresses.map((each, index) =>
      typeof each === "string" ? interfaceAddress(each, index) : each,
    );
    this.network = new Network(addresses, options.fabric);
    this.initiator = new Initiator(this);
    this.nvmet = new Nvmet(this, serve);
    this.bootId = randomUuid(this.random);
    for (const drive of options.drives) this.plug(drive, drive.name);
    this.#mountTrees();
    for (const [path, content] of Object.entries(options.files ?? {})) this.#place(path, content);
  }

  get drives(): Iterable<Drive> {
    return this.#drives.values();
  }

  get virtualDisks(): Iterable<VirtualDisk> {
    return this.#virtualDisks.values();
  }

  takenInstances(): Iterable<number> {
    return [...this.#drives.values()].map(({ instance }) => instance);
  }

  get configfsMounted(): boolean {
    return this.#configfs;
  }

  /** Mounted already is what was wanted. Throws ENOENT where no module has made the mount point. */
  mountConfigfs(): void {
    if (!this.modules.isLoaded("configfs")) throw new Errno("ENOENT", "mount point does not exist");
    this.#configfs = true;
  }

  /** `modprobe`. Throws ENOENT. */
  load(name: string, parameters: Readonly<Record<string, string>>): void {
    if (this.modules.isLoaded(name)) return;
    this.modules.load(name, parameters);
    for (const disk of disksOf(name, parameters)) {
      this.#virtualDisks.set(disk.name, disk);
      this.events.emit({ subsystem: "block", action: "add", device: disk.name });
    }
  }

  /** A disk without hardware, by its kernel name. Throws ENOENT. */
  virtualDisk(name: string): VirtualDisk {
    const disk = this.#virtualDisks.get(name);
    if (disk === undefined) throw new Errno("ENOENT");
    return disk;
  }

  /** `modprobe -r`. Throws EBUSY where the module has something to do. A transport of the initiator takes its controllers along. */
  unload(name: string): void {
    const gone = this.modules.unload(name, (module) => this.#isBusy(module));
    if (gone.has("nvmet")) this.nvmet.forget();
    for (const controller of [...this.initiator.controllers.values()]) {
      if (gone.has(`nvme_${controller.settings.transport}`)) controller.remove();
    }
  }

  /** Whether a module is used by something else than another module. */
  #isBusy(module: string): boolean {
    const { ports, subsystems, hosts } = this.nvmet;
    const listening = new Set([...ports].filter(({ enabled }) => enabled).map(({ address }) => address.trtype));
    const busy: Readonly<Record<string, boolean>> = {
      configfs: this.#configfs,
      nvme: this.#drives.size > 0,
      nvme_loop: listening.has("loop"),
      nvmet: ports.size + subsystems.size + hosts.size > 0,
      nvmet_tcp: listening.has("tcp"),
    };
    return busy[module] === true;
  }

  plug(options: DriveOptions, name?: string): Drive {
    this.modules.request("nvme");
    const asked = /^nvme(\d+)n1$/.exec(name ?? "");
    const taken = new Set([...this.takenInstances(), ...this.initiator.controllers.keys()]);
    let instance = asked === null ? 0 : Number(asked[1]);
    while (taken.has(instance)) instance++;
    const drive = new Drive(instance, options);
    this.#drives.set(drive.name, drive);
    this.events.emit({ subsystem: "nvme", action: "add", device: drive.controller });
    this.events.emit({ subsystem: "block", action: "add", device: drive.name });
    return drive;
  }

  unplug(name: string): void {
    const drive = this.drive(name);
    this.#drives.delete(name);
    this.events.emit({ subsystem: "block", action: "remove", device: name });
    this.events.emit({ subsystem: "nvme", action: "remove", device: drive.controller });
  }

  /** Throws ENOENT. */
  drive(name: string): Drive {
    const drive = this.#drives.get(name);
    if (drive === undefined) throw new Errno("ENOENT");
    return drive;
  }

  /** As a namespace opens its device_path, around the page cache (`direct`) or through it. */
  openBacking(path: string, direct: boolean): Backing {
    const { entry, path: real } = walk(this.root, path, true);
    if (entry.kind === "directory") throw new Errno("EISDIR");
    if (entry.kind === "block") return this.openBlock(entry.name);
    if (!(entry instanceof PlainFile)) throw new Errno("EINVAL");
    if (direct && real.startsWith(tmpfs) && !this.kernel.does.tmpfsDirectIo) throw new Errno("EINVAL", "no O_DIRECT");
    return { io: entry.pages, size: () => entry.size, readOnly: false };
  }

  /** A disk by its kernel name, local or over fabrics. Throws ENOENT. */
  openBlock(name: string): Backing {
    const found = this.initiator.head(name);
    if (found === undefined) return this.#virtualDisks.get(name) ?? this.drive(name);
    return { io: headIo(found.head), size: () => found.head.size, readOnly: false };
  }

  assertController(path: string): void {
    const { entry } = walk(this.root, path, true);
    if (entry.kind !== "char" || !/^nvme\d+$/.test(entry.name)) throw new Errno("EINVAL");
  }

  /** Power loss: every connection ends, nothing listens any more. */
  async stop(): Promise<void> {
    this.initiator.stop();
    this.nvmet.controllers.drop(() => true);
    await Promise.all([...this.nvmet.ports].map(({ listening }) => listening?.close()));
  }

  #mountTrees(): void {
    for (const path of ["etc", "home", "mnt", "root", "run", "tmp", "var/lib"]) this.root.ensure(path);
    this.#place("/etc/hostname", `${this.hostname}\n`);
    const modules = fixed({
      "modules.builtin": text(() => "kernel/fs/ext4/ext4.ko\n"),
      "modules.dep": text(() => this.modules.renderDependencies()),
    });
    this.root.ensure("lib/modules").set(this.kernel.release, modules);
    this.root.set("proc", procfs(this));
    this.root.set("dev", devDirectory(this));
    this.root.set("sys", this.#sysfs());
  }

  #sysfs(): Directory {
    const tree = nvmetTree(this.nvmet);
    const config = lazily(
      (): Record<string, Entry> => (this.#configfs && this.modules.isLoaded("nvmet") ? { nvmet: tree } : {}),
    );
    return fixed({
      ...sysfsEntries(this),
      // The module makes the mount point.
      kernel: lazily(() => (this.modules.isLoaded("configfs") ? { config } : {})),
      module: this.modules.directory(),
    });
  }

  #place(path: string, content: string | { size: number }): void {
    const at = path.lastIndexOf("/");
    this.root.ensure(path.slice(0, at)).set(path.slice(at + 1), new PlainFile(content));
  }
}
