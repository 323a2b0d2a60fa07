import { Errno } from "./errno.ts";
import { type Directory, dynamic, type Entry, fixed, line } from "./files/entry.ts";
import type { BuildOption, Kernel } from "./versions.ts";

interface ModuleFacts {
  /** Directory below /lib/modules/<release>/kernel. */
  in: string;
  needs?: readonly string[];
  /** Only where the distribution built it. */
  built?: BuildOption;
}

const target = "drivers/nvme/target";
const initiator = "drivers/nvme/host";
const common = "drivers/nvme/common";

/** The modules that a storage node meets, with what modprobe loads before each. */
const table: Readonly<Record<string, ModuleFacts>> = {
  configfs: { in: "fs/configfs" },
  nvme_auth: { in: common, built: "auth" },
  nvme_keyring: { in: common, built: "tls" },
  nvme_core: { in: initiator, needs: ["nvme_auth"] },
  nvme: { in: initiator, needs: ["nvme_core"] },
  nvme_fabrics: { in: initiator, needs: ["nvme_core", "nvme_keyring"] },
  nvme_tcp: { in: initiator, needs: ["nvme_fabrics", "nvme_keyring"] },
  nvme_rdma: { in: initiator, needs: ["nvme_fabrics", "rdma_cm"] },
  nvme_fc: { in: initiator, needs: ["nvme_fabrics"] },
  nvmet: { in: target, needs: ["configfs", "nvme_core", "nvme_auth", "nvme_keyring"] },
  nvmet_tcp: { in: target, needs: ["nvmet"] },
  nvmet_rdma: { in: target, needs: ["nvmet", "rdma_cm"] },
  nvmet_fc: { in: target, needs: ["nvmet"] },
  nvme_loop: { in: target, needs: ["nvmet", "nvme_fabrics"], built: "loop" },
  rdma_cm: { in: "drivers/infiniband/core" },
  brd: { in: "drivers/block" },
  loop: { in: "drivers/block" },
  null_blk: { in: "drivers/block/null_blk" },
};

function nvmeCoreParameters({ does }: Kernel): Parameters {
  return {
    admin_timeout: "60",
    ...(does.parametersApst && {
      apst_primary_latency_tol_us: "15000",
      apst_primary_timeout_ms: "100",
      apst_secondary_latency_tol_us: "100000",
      apst_secondary_timeout_ms: "2000",
    }),
    default_ps_max_latency_us: "100000",
    ...(does.parameterPiOffsets && { disable_pi_offsets: "N" }),
    force_apst: "N",
    io_timeout: "30",
    ...(does.parameterIoPolicy && { iopolicy: "numa" }),
    max_retries: "5",
    multipath: "Y",
    ...(does.parameterAlwaysOn && { multipath_always_on: "N" }),
    shutdown_timeout: "5",
    ...(!does.parameterStreamsGone && { streams: "N" }),
  };
}

/** As the kernel compares names. */
function plain(name: string): string {
  return name.replaceAll("-", "_");
}

/** modules.dep writes the file's name: nvme-tcp.ko, nvme_core's is nvme-core.ko. */
function fileOf(name: string, { in: folder }: ModuleFacts): string {
  return `kernel/${folder}/${name.replaceAll("_", "-")}.ko.xz`;
}

type Parameters = Readonly<Record<string, string>>;

/** The modules of a node that is there, with `_` for `-`. */
export interface FoundModules {
  /** In files, each with what modprobe loads before it (modules.dep). */
  loadable: ReadonlyMap<string, readonly string[]>;
  /** Parts of the kernel itself. */
  builtin: ReadonlySet<string>;
  /** What /sys/module has, with its parameters. */
  present: ReadonlyMap<string, Parameters>;
}

/** The kernel modules of a node: what could be loaded and what is. */
export class Modules {
  readonly #available: ReadonlyMap<string, ModuleFacts>;
  readonly #loaded = new Map<string, Parameters>();
  readonly #commandLine = new Map<string, Parameters>();
  readonly #kernel: Kernel;
  readonly #builtin: ReadonlySet<string>;
  readonly #builtinParameters = new Map<string, Parameters>();

  constructor(kernel: Kernel, missing: readonly string[], found?: FoundModules) {
    this.#kernel = kernel;
    const without = new Set(missing.map(plain));
    const built = ([name, facts]: [string, ModuleFacts]) =>
      !without.has(name) && (facts.built === undefined || kernel.built.has(facts.built));
    const files = found && [...found.loadable].map(([name, needs]): [string, ModuleFacts] => [name, { in: "", needs }]);
    this.#available = new Map(files ?? Object.entries(table).filter(built));
    this.#builtin = found?.builtin ?? new Set();
    for (const [name, parameters] of found?.present ?? []) {
      (this.#builtin.has(name) ? this.#builtinParameters : this.#loaded).set(name, parameters);
    }
  }

  /** Parameters from the kernel's command line, as `nvme_core.multipath`, for modules that are loaded from now on. */
  preset(commandLine: Parameters): void {
    for (const [name, value] of Object.entries(commandLine)) {
      const [module = "", parameter = ""] = name.split(".").map(plain);
      this.#commandLine.set(module, { ...this.#commandLine.get(module), [parameter]: value });
    }
  }

  /** Of a loaded module, as it was given. */
  parameter(module: string, name: string): string | undefined {
    return this.#loaded.get(module)?.[name] ?? this.#builtinParameters.get(module)?.[name];
  }

  /** Built in counts. */
  isLoaded(name: string): boolean {
    return this.#loaded.has(plain(name)) || this.#builtin.has(plain(name));
  }

  isAvailable(name: string): boolean {
    return this.#available.has(plain(name)) || this.#builtin.has(plain(name));
  }

  /** As modprobe: what it needs first. Throws ENOENT where there is no such module. */
  load(name: string, parameters: Parameters = {}): void {
    const module = plain(name);
    if (this.#builtin.has(module)) return;
    const facts = this.#available.get(module);
    if (facts === undefined) throw new Errno("ENOENT", `module ${name} not found`);
    if (this.#loaded.has(module)) return;
    for (const need of facts.needs ?? []) {
      // What was not compiled as a module of its own is no dependency either, as nvme_auth on older kernels.
      if (this.isAvailable(need)) this.load(need);
      else if (table[need]?.built === undefined) throw new Errno("ENOENT", `module ${name} needs ${need}`);
    }
    const asked = { ...this.#commandLine.get(module), ...parameters };
    this.#loaded.set(module, module === "nvme_core" ? { ...nvmeCoreParameters(this.#kernel), ...asked } : asked);
  }

  /**
   * As `modprobe -r`: with what was loaded for it alone. Gives what is gone, which is nothing where it was not loaded. Throws
   * ENOENT where there is no such module, EBUSY where another one or something else (`isBusy`) uses it.
   */
  unload(name: string, isBusy: (module: string) => boolean): Set<string> {
    const module = plain(name);
    if (!this.#available.has(module)) throw new Errno("ENOENT", `module ${name} not found`);
    if (!this.#loaded.has(module)) return new Set();
    if (this.#isUsed(module) || isBusy(module)) throw new Errno("EBUSY", "the module is in use");
    return this.#drop(module, isBusy);
  }

  #isUsed(module: string): boolean {
    return [...this.#loaded.keys()].some((other) => this.#available.get(other)?.needs?.includes(module));
  }

  #drop(module: string, isBusy: (module: string) => boolean): Set<string> {
    this.#loaded.delete(module);
    const gone = new Set([module]);
    for (const need of this.#available.get(module)?.needs ?? []) {
      if (!this.#loaded.has(need) || this.#isUsed(need) || isBusy(need)) continue;
      for (const each of this.#drop(need, isBusy)) gone.add(each);
    }
    return gone;
  }

  /** As request_module: what cannot be loaded is simply not there afterwards. */
  request(name: string): boolean {
    try {
      this.load(name);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
    return this.isLoaded(name);
  }

  /** /sys/module */
  directory(): Directory {
    return dynamic(
      () => [...this.#loaded.keys(), ...this.#builtinParameters.keys()],
      (name) => {
        const parameters = this.#loaded.get(name) ?? this.#builtinParameters.get(name);
        return parameters === undefined ? undefined : moduleDirectory(parameters);
      },
    );
  }

  /** modules.dep: a file, and those it needs. */
  renderDependencies(): string {
    return [...this.#available]
      .map(([name, facts]) => {
        const needs = [...this.#needsOf(name)].reverse();
        return [`${fileOf(name, facts)}:`, ...needs].join(" ");
      })
      .concat("")
      .join("\n");
  }

  #needsOf(name: string, into = new Set<string>()): Set<string> {
    for (const need of this.#available.get(name)?.needs ?? []) {
      const facts = this.#available.get(need);
      if (facts === undefined) continue;
      this.#needsOf(need, into);
      into.add(fileOf(need, facts));
    }
    return into;
  }
}

function moduleDirectory(parameters: Readonly<Record<string, string>>): Directory {
  const files: Record<string, Entry> = {};
  for (const [name, value] of Object.entries(parameters)) files[name] = line(() => value);
  return fixed({ initstate: line(() => "live"), refcnt: line(() => 0), parameters: fixed(files) });
}
