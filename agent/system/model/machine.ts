import { createHash } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import type { Backing } from "./backing.ts";
import { devDirectory } from "./dev.ts";
import { tellDrive, tellVirtualDisk } from "./device-events.ts";
import type { Drive, DriveOptions } from "./drives.ts";
import { Errno } from "./errno.ts";
import { Events } from "./events.ts";
import { createMemoryFabric } from "./fabric/memory-fabric.ts";
import { type Caller, type Directory, type Entry, fixed, lazily, text } from "./files/entry.ts";
import { type PlainDirectory, PlainFile } from "./files/plain.ts";
import { type Found, walk, walkToParent } from "./files/walk.ts";
import type { BootOptions, Hardware } from "./hardware.ts";
import { Initiator } from "./host/initiator.ts";
import { diskIo } from "./host/io.ts";
import { interfaceAddress } from "./ip.ts";
import { KernelLog } from "./kernel-log.ts";
import { Modules } from "./modules.ts";
import { Network } from "./network.ts";
import { Nvmet } from "./nvmet/core.ts";
import { serve } from "./nvmet/serve.ts";
import { nvmetTree } from "./nvmet/tree.ts";
import type { Pace } from "./pace.ts";
import { partitionBacking, splitPartition } from "./partitions.ts";
import { procfs } from "./procfs.ts";
import { type RandomBytes, randomUuid } from "./random.ts";
import { Sysctls } from "./sysctls.ts";
import { FoundFiles } from "./sysfs/found-files.ts";
import { sysfsEntries } from "./sysfs/sysfs.ts";
import { Uses } from "./uses.ts";
import { defaultKernel, type Kernel, kernelOf } from "./versions.ts";
import { disksOf, type VirtualDisk } from "./virtual-disks.ts";

/** What lies below is in memory, as on every system of today. */
const defaultTmpfs = ["/run"];
/** Of a file on a file system of today, as nvmet asks for it; bytes. */
const fileBlock = 4096;

const debian = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION="12 (bookworm)"',
  "VERSION_CODENAME=bookworm",
  "ID=debian",
  "",
].join("\n");

/** One boot of a modelled machine: its kernel's parts, and the one tree of files in which they show. */
export class Machine {
  readonly hostname: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly modules: Modules;
  readonly network: Network;
  readonly uses = new Uses((device) => this.initiator.freed(device));
  readonly events = new Events();
  readonly log: KernelLog;
  readonly pace: Pace;
  readonly sysctls: Sysctls;
  readonly initiator: Initiator;
  readonly nvmet: Nvmet;
  readonly bootId: string;
  /** A model of a node that is there: of its disks it knows the names and sizes, and not what lies on them. */
  readonly isShadow: boolean;
  readonly programsMissing: ReadonlySet<string>;
  readonly root: PlainDirectory;
  readonly found = new FoundFiles();
  /** Disks that the model has no driver for, by kernel name, and the instances of the NVMe controllers among them. */
  readonly foreign = { disks: new Map<string, Backing>(), instances: new Set<number>() };
  readonly #hardware: Hardware;
  readonly #virtualDisks = new Map<string, VirtualDisk>();
  #configfs = false;

  constructor(hardware: Hardware, boot: BootOptions = {}) {
    const { options } = hardware;
    this.#hardware = hardware;
    this.hostname = options.hostname;
    this.kernel = boot.found?.kernel ?? kernelOf(options.kernel ?? defaultKernel);
    this.clock = options.clock;
    this.random = options.random;
    this.root = hardware.disk;
    this.log = new KernelLog(options.clock);
    this.sysctls = new Sysctls(boot.found !== undefined);
    this.pace = options.pace ?? { connect: 0, scan: 0, retry: 0, release: 0 };
    this.modules = new Modules(this.kernel, options.modulesMissing ?? [], boot.found?.modules);
    this.modules.preset(options.commandLine ?? {});
    const addresses = (boot.addresses ?? options.addresses).map((each, index) =>
      typeof each === "string" ? interfaceAddress(each, index) : each,
    );
    this.network = new Network(addresses, options.fabric, this.events);
    this.network.rdma = options.rdma ?? false;
    this.initiator = new Initiator(this);
    this.nvmet = new Nvmet(this, serve);
    this.bootId = randomUuid(this.random);
    this.isShadow = boot.found !== undefined;
    this.programsMissing = new Set(options.programsMissing);
    if (hardware.drives.length > 0) this.modules.request("nvme");
    for (const drive of hardware.drives) drive.scanPartitions();
    this.#mountTrees();
    if (boot.found === undefined) this.#addAccounts();
    boot.found?.begin(this);
  }

  get drives(): Iterable<Drive> {
    return this.#hardware.drives;
  }

  get virtualDisks(): Iterable<VirtualDisk> {
    return this.#virtualDisks.values();
  }

  takenInstances(): Iterable<number> {
    return [...this.foreign.instances, ...this.#hardware.drives.map(({ instance }) => instance)];
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
    for (const disk of disksOf(name, parameters, this.kernel)) {
      this.#virtualDisks.set(disk.name, disk);
      tellVirtualDisk(this.events, disk.name);
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
      nvme: this.#hardware.drives.length + this.foreign.instances.size > 0,
      nvme_loop: listening.has("loop"),
      nvmet: ports.size + subsystems.size + hosts.size > 0,
      nvmet_tcp: listening.has("tcp"),
    };
    return busy[module] === true;
  }

  plug(options: DriveOptions): Drive {
    this.modules.request("nvme");
    const drive = this.#hardware.plug(options, this.initiator.controllers.keys());
    tellDrive(this.events, this.kernel, drive, "add");
    return drive;
  }

  unplug(name: string): void {
    const drive = this.drive(name);
    this.#hardware.unplug(drive);
    tellDrive(this.events, this.kernel, drive, "remove");
  }

  /** Throws ENOENT. */
  drive(name: string): Drive {
    return this.#hardware.drive(name);
  }

  /** As a namespace opens its device_path, around the page cache (`direct`) or through it. */
  openBacking(path: string, direct: boolean, caller: Pick<Caller, "find"> = this): Backing {
    const { entry, path: real } = caller.find(path);
    if (entry.kind === "directory") throw new Errno("EISDIR");
    if (entry.kind === "block") return this.openBlock(entry.name);
    if (!(entry instanceof PlainFile)) throw new Errno("EINVAL");
    // O_DIRECT
    if (direct && this.#isInMemory(real) && !this.kernel.does.tmpfsDirectIo) throw new Errno("EINVAL");
    return { io: entry.pages, size: () => entry.size, readOnly: false, blockSize: fileBlock };
  }

  /** A disk by its kernel name, local or over fabrics. Throws ENOENT. */
  openBlock(name: string): Backing {
    const found = this.initiator.disk(name);
    if (found === undefined) return this.#virtualDisks.get(name) ?? this.foreign.disks.get(name) ?? this.#local(name);
    const { subsystem, disk } = found;
    const isEmpty = () => this.kernel.does.goneDisksEmpty && !this.initiator.has(disk);
    return { io: diskIo(subsystem, disk), size: () => (isEmpty() ? 0 : disk.head.size), readOnly: false };
  }

  /** Throws ENOENT. */
  #local(name: string): Backing {
    const part = splitPartition(name);
    return part === undefined ? this.drive(name) : partitionBacking(this.drive(part.disk), part.number);
  }

  /** The directory `from`, also at `at`. */
  bindMount(from: string, at: string): void {
    const { parent, name } = walkToParent(this.root, at);
    if (parent.put === undefined) throw new Errno("EPERM");
    parent.put(name, this.find(from).entry);
  }

  /** As the machine's first process finds it. */
  find(path: string): Found {
    return walk(this.root, path, true);
  }

  /** Of a process that has a network namespace of its own. */
  newNetwork(): Network {
    return new Network([], createMemoryFabric(), this.events);
  }

  #isInMemory(path: string): boolean {
    return (this.#hardware.options.tmpfs ?? defaultTmpfs).some((mount) => path.startsWith(`${mount}/`));
  }

  isController(path: string, caller: Pick<Caller, "find"> = this): boolean {
    const { entry } = caller.find(path);
    return entry.kind === "char" && /^nvme\d+$/.test(entry.name);
  }

  /** As at a shutdown: peers see every connection end, and nothing listens any more. */
  async stop(): Promise<void> {
    this.initiator.stop();
    this.nvmet.controllers.drop(() => true);
    await Promise.all([...this.nvmet.ports].map(({ listening }) => listening?.close()));
  }

  /** Power loss: peers hear nothing any more. */
  async cut(): Promise<void> {
    this.events.end();
    await this.network.cut();
    await this.stop();
  }

  /** As a Debian has them at least. */
  #addAccounts(): void {
    const etc = this.root.ensure("etc");
    const place = (name: string, text: string) => etc.get(name) ?? this.#hardware.place(`/etc/${name}`, text);
    place("passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
    place("group", "root:x:0:\ndisk:x:6:\nnogroup:x:65534:\n");
    place("os-release", debian);
    place("machine-id", `${createHash("sha256").update(this.hostname).digest("hex").slice(0, 32)}\n`);
  }

  #mountTrees(): void {
    for (const path of ["etc", "home", "mnt", "root", "run", "tmp", "var/lib"]) this.root.ensure(path);
    if (this.root.ensure("etc").get("hostname") === undefined) {
      this.#hardware.place("/etc/hostname", `${this.hostname}\n`);
    }
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
}
