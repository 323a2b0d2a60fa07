import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FlashfleetError } from "../../shared/errors.ts";
import { buildInitrd } from "./initrd.ts";
import { fetchKernel, type Kernel } from "./kernel.ts";
import { Machine } from "./machine.ts";
import type { MachineOptions } from "./machine-options.ts";
import { linkEachPair, linkNetworks } from "./network.ts";
import { whyNoLab } from "./requirements.ts";

const defaultCache = fileURLToPath(new URL("../../.cache/lab", import.meta.url));

export interface LabOptions {
  /** For its logs: `<cache>/logs/<name>` holds those of the last time. */
  name: string;
  /** See {@link fetchKernel}. Default: 6.12. */
  kernel?: string;
  cache?: string;
  /** Told what takes long. */
  note?: (line: string) => void;
}

/** What one machine of a lab is like; the lab adds the rest. */
export type LabMachine = Omit<MachineOptions, "name" | "kernel" | "initrd" | "directory" | "links">;

/** Some machines with one kernel, linked with each other, and the folder they lie in. Disposing of it ends them all. */
export class Lab implements AsyncDisposable {
  readonly kernel: Kernel;
  readonly directory: string;
  readonly #initrd: string;
  readonly #logs: string;
  readonly #machines: Machine[] = [];

  private constructor(parts: { kernel: Kernel; initrd: string; directory: string; logs: string }) {
    this.kernel = parts.kernel;
    this.directory = parts.directory;
    this.#initrd = parts.initrd;
    this.#logs = parts.logs;
  }

  /** @throws {FlashfleetError} `not_found` with what this machine lacks, and the errors of {@link fetchKernel} */
  static async open({
    name,
    kernel: series = "6.12",
    cache = defaultCache,
    note = () => {},
  }: LabOptions): Promise<Lab> {
    const lacking = whyNoLab();
    if (lacking !== undefined) throw new FlashfleetError("not_found", `cannot open a lab: ${lacking}`);
    const kernel = await fetchKernel({ series, cache, note });
    const initrd = await buildInitrd(kernel, cache);
    await removeLeftovers();
    // The sockets need a short path.
    const directory = await mkdtemp(join(tmpdir(), `ff-lab-${process.pid}-`));
    return new Lab({ kernel, initrd, directory, logs: join(cache, "logs", name) });
  }

  /** Boots machines side by side. If one does not come up, none stays. `networks` are those that all share; default: each pair its own. */
  async boot<Name extends string>(
    wishes: Readonly<Record<Name, LabMachine>>,
    networks?: readonly string[],
  ): Promise<Record<Name, Machine>> {
    const names = Object.keys(wishes) as Name[];
    const links =
      networks === undefined ? linkEachPair(this.directory, names) : linkNetworks(this.directory, names, networks);
    const boots = names.map(async (name) => {
      const common = { name, kernel: this.kernel, initrd: this.#initrd, directory: join(this.directory, name) };
      const machine = await Machine.boot({ ...wishes[name], ...common, links: links.get(name) ?? [] });
      this.#machines.push(machine);
      return [name, machine] as const;
    });
    const settled = await Promise.allSettled(boots);
    const failures = settled.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (failures.length > 0) {
      await this.#stop();
      throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.map(String).join("\n"));
    }
    const machines = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    return Object.fromEntries(machines) as Record<Name, Machine>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#keepLogs();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.stop()));
  }

  async #keepLogs(): Promise<void> {
    await rm(this.#logs, { recursive: true, force: true });
    for (const machine of await readdir(this.directory)) {
      const from = join(this.directory, machine);
      const to = join(this.#logs, machine);
      await mkdir(to, { recursive: true });
      for (const name of ["console.log", "share/programs"]) {
        await cp(join(from, name), join(to, name), { recursive: true }).catch(() => {});
      }
    }
  }
}

/** A process that was killed leaves its labs' folders, drives and all. Another user's stay: they cannot be removed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner] = /^ff-lab-(\d+)-/.exec(name) ?? [];
    if (owner === undefined || existsSync(join("/proc", owner))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}
