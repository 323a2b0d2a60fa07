import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { Emulator } from "./emulator.ts";
import type { Kernel } from "./kernel.ts";
import { inTime, type Lines } from "./lines.ts";
import { machineEnvironment, withImage } from "./machine-files.ts";
import type { CommandOptions, MachineOptions } from "./machine-options.ts";
import type { Link } from "./network.ts";
import { type Ended, type Program, type ProgramOptions, Programs, shellQuote } from "./programs.ts";
import { type Drive, deviceOf } from "./qemu.ts";
import type { Qmp } from "./qmp.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const BOOT_WITHIN: Millis = 120_000;
const COMMAND_WITHIN: Millis = 60_000;

/** A virtual machine with a kernel of its own, the host's root under a layer in memory, and the project at the same path. */
export class Machine implements AsyncDisposable {
  readonly name: string;
  readonly kernel: Kernel;
  /** Of the host; the folder `share` in it is /run/lab of the machine. */
  readonly directory: string;
  readonly links: readonly Link[];
  readonly drives: readonly Required<Drive>[];
  /** How long it took from the emulator's start to the first command. */
  readonly bootMillis: Millis;
  readonly #emulator: Emulator;
  readonly #programs: Programs;
  readonly #run: ProgramOptions | undefined;
  #main: Program | undefined;

  private constructor(
    options: MachineOptions,
    parts: { drives: Required<Drive>[]; emulator: Emulator; programs: Programs; bootMillis: Millis },
  ) {
    this.name = options.name;
    this.kernel = options.kernel;
    this.directory = options.directory;
    this.links = options.links ?? [];
    this.drives = parts.drives;
    this.bootMillis = parts.bootMillis;
    this.#emulator = parts.emulator;
    this.#programs = parts.programs;
    this.#run = options.run;
    this.#startMain();
  }

  /**
   * Boots a machine; resolves when it has its drives and addresses and takes commands.
   * @throws {FlashfleetError} with the last lines of its console where it does not come up
   */
  static async boot(options: MachineOptions): Promise<Machine> {
    const { name, directory, kernel, memory = 768, cpus = 1, accelerator = "tcg", links = [], shares = [] } = options;
    const lab = join(directory, "share");
    await mkdir(lab, { recursive: true });
    const uuid = randomUUID();
    const drives = await Promise.all((options.drives ?? []).map((drive) => withImage(drive, directory)));
    await writeFile(join(lab, "machine.env"), machineEnvironment(options, uuid, drives));
    const programs = new Programs(name, join(lab, "programs"));
    const started = performance.now();
    let emulator: Emulator | undefined;
    try {
      const plugs = links.flatMap((link) => link.plugs);
      await Promise.all(plugs.map(({ role, cable }) => (role === "client" ? cable.listening : undefined)));
      const { image } = kernel;
      emulator = await Emulator.start(directory, {
        name,
        uuid,
        image,
        initrd: options.initrd,
        memory,
        cpus,
        accelerator,
        drives,
        links,
        lab,
        shares,
      });
      for (const { role, cable } of plugs) if (role === "server") cable.serve();
      programs.attach(emulator.commands);
      await Promise.race([programs.ready(BOOT_WITHIN), failAtEnd(emulator, name)]);
      void emulator.exited.then((how) => programs.close(`${name} has stopped: ${how}`));
      return new Machine(options, { drives, emulator, programs, bootMillis: performance.now() - started });
    } catch (cause) {
      for (const { cable } of links.flatMap(({ plugs }) => plugs)) cable.abandon(cause);
      programs.close(`${name} did not boot`);
      await emulator?.stop();
      const seen = emulator === undefined ? "" : `; the last of its console:\n${emulator.console.tail()}`;
      throw new FlashfleetError("command_failed", `cannot boot ${name}: it did not come up${seen}`, { cause });
    }
  }

  /** What the kernel says, and /dev/console. Also in the file console.log of {@link directory}. */
  get console(): Lines {
    return this.#emulator.console;
  }

  get qmp(): Qmp {
    return this.#emulator.qmp;
  }

  /** Of the emulator. */
  get pid(): number | undefined {
    return this.#emulator.pid;
  }

  /** The program that the machine was made to run, of this boot. */
  get main(): Program | undefined {
    return this.#main;
  }

  /** Its address in a network that it shares with another machine, without the prefix length. */
  addressTowards(peer: { name: string }): string {
    return addressOf(this.#link(({ peers }) => peers.includes(peer.name), `no link leads to ${peer.name}`));
  }

  /** Its address in a network, without the prefix length. */
  addressIn(network: string): string {
    return addressOf(this.#linkIn(network));
  }

  /** Waits for a line of the console, from the machine's start on. */
  waitFor(pattern: RegExp, options: { within?: Millis; from?: number } = {}): Promise<RegExpExecArray> {
    return this.console.waitFor(pattern, options);
  }

  /** Runs a shell command to its end, whatever its code. @throws {FlashfleetError} `deadline`: it is killed then. */
  exec(command: string, { within = COMMAND_WITHIN, ...options }: CommandOptions = {}): Promise<Ended> {
    return this.#programs.run({ command, directory: PROJECT, ...options }, within);
  }

  /**
   * The standard output of a shell command that succeeds, without the white space around it.
   * @throws {FlashfleetError} `command_failed` with both outputs
   */
  async output(command: string, options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.exec(command, options);
    if (code === 0) return stdout.trim();
    const reason = `it ended with code ${code}\n${stderr}${stdout}`.trim();
    throw new FlashfleetError("command_failed", `cannot run \`${command}\` on ${this.name}: ${reason}`);
  }

  /** Starts a shell command that goes on beside others. */
  start(command: string, options: Omit<ProgramOptions, "command"> = {}): Program {
    return this.#programs.start({ command, directory: PROJECT, ...options });
  }

  /** Starts a script with the node that runs this, in the project's folder. `script` is relative to it, or absolute. */
  node(script: string, args: readonly string[] = [], options: Omit<ProgramOptions, "command"> = {}): Program {
    return this.start(nodeCommand(script, args), options);
  }

  /** The kernel's name of its card in a network: eth1. */
  interfaceIn(network: string): Promise<string> {
    return this.output(`basename $(dirname $(grep -l ${this.#linkIn(network).mac} /sys/class/net/*/address))`);
  }

  /** Pulls or plugs the cable to a network. This machine sees it at once; to the others, frames are lost. */
  async setLink(network: string, up: boolean): Promise<void> {
    await this.qmp.execute("set_link", { name: deviceOf.link(this.links.indexOf(this.#linkIn(network))), up });
  }

  /** Stands still, with its clock, until {@link resume}. */
  async pause(): Promise<void> {
    await this.qmp.execute("stop");
  }

  async resume(): Promise<void> {
    await this.qmp.execute("cont");
  }

  /** Pulls a drive out; resolves when it is gone from the machine. */
  async removeDrive(serial: string): Promise<void> {
    const index = this.drives.findIndex((drive) => drive.serial === serial);
    const device = deviceOf.drive(index);
    const gone = this.qmp.event(({ event, data }) => event === "DEVICE_DELETED" && data.device === device);
    await Promise.all([gone, this.qmp.execute("device_del", { id: device })]);
  }

  /** Power off and on: what was in memory is lost, drives and shares stay. Resolves when it takes commands again. */
  async reset(within: Millis = BOOT_WITHIN): Promise<void> {
    this.#programs.abandon(`${this.name} was reset`);
    await this.qmp.execute("set-action", { reboot: "reset" });
    await this.qmp.execute("system_reset");
    await Promise.race([this.#programs.ready(within), failAtEnd(this.#emulator, this.name)]);
    // Not before: the machine's firmware answers a reset with another.
    await this.qmp.execute("set-action", { reboot: "shutdown" });
    this.#startMain();
  }

  /**
   * The machine is about to boot anew by itself: resolves when it takes commands again. Programs that run count as interrupted
   * from now on.
   */
  async comeBack(within: Millis = BOOT_WITHIN): Promise<void> {
    this.#programs.abandon(`${this.name} boots`);
    await this.qmp.execute("set-action", { reboot: "reset" });
    await Promise.race([this.#programs.ready(within), failAtEnd(this.#emulator, this.name)]);
    await this.qmp.execute("set-action", { reboot: "shutdown" });
    this.#startMain();
  }

  /** The orderly way: its programs are told to end, drives are flushed. Resolves when the emulator has ended. */
  async powerOff(within: Millis = COMMAND_WITHIN): Promise<void> {
    this.start("/run/busybox poweroff");
    await inTime(this.#emulator.exited, within, `power off ${this.name}`);
  }

  /** As if the power failed, for good. */
  async kill(): Promise<void> {
    this.#emulator.kill();
    await this.#emulator.exited;
  }

  /** Ends the emulator, whatever the machine does. */
  async stop(): Promise<void> {
    await this.#emulator.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #linkIn(network: string): Link {
    return this.#link((link) => link.network === network, `it is not in the network ${network}`);
  }

  #link(matches: (link: Link) => boolean, otherwise: string): Link {
    const found = this.links.find(matches);
    if (found !== undefined) return found;
    throw new FlashfleetError("not_found", `cannot find a link of ${this.name}: ${otherwise}`);
  }

  #startMain(): void {
    this.#main = this.#run === undefined ? undefined : this.#programs.start({ directory: PROJECT, ...this.#run });
  }
}

function addressOf({ address }: Link): string {
  return address.replace(/\/.*/, "");
}

/** The shell command that runs a script with the node that runs this; the machine has it at the same path. */
function nodeCommand(script: string, args: readonly string[] = []): string {
  return `exec ${[process.execPath, script, ...args].map(shellQuote).join(" ")}`;
}

async function failAtEnd(emulator: Emulator, name: string): Promise<never> {
  throw new FlashfleetError("command_failed", `cannot use ${name}: ${await emulator.exited}`);
}
