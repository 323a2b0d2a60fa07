import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashfleetError } from "../../../shared/errors.ts";
import { Lab, type LabMachine } from "../lab.ts";
import { say, timed } from "../lab-test.ts";
import type { Machine } from "../machine.ts";
import { hostAddress } from "../machine-files.ts";
import type { Program } from "../programs.ts";
import { ControllerProcess } from "./controller-process.ts";

const GIBIBYTE = 2 ** 30;

/** The drive of the article. */
export const drive = { size: 2 * GIBIBYTE, serial: "VB1234-56789" };

/** A machine with an agent on it. */
export interface FleetMachine extends LabMachine {
  /** The agent's: a group of the inventory. */
  label: string;
}

export interface FleetOptions<Name extends string> {
  /** For the logs. */
  name: string;
  /** See {@link Lab.open}. */
  kernel: string;
  machines: Readonly<Record<Name, FleetMachine>>;
  /** See {@link Lab.boot}. */
  networks?: readonly string[];
}

interface Parts<Name extends string> {
  lab: Lab;
  at: Record<Name, Machine>;
  labels: ReadonlyMap<string, string>;
  controller: ControllerProcess;
}

/** Machines, the bundled agent in each, and a controller outside. */
export class Fleet<Name extends string> implements AsyncDisposable {
  readonly lab: Lab;
  /** The machines by their names. */
  readonly at: Readonly<Record<Name, Machine>>;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #data: string;
  readonly #agents = new Map<string, { program: Program; from: number }>();
  #controller: ControllerProcess;

  private constructor({ lab, at, labels, controller }: Parts<Name>) {
    this.lab = lab;
    this.at = at;
    this.#labels = labels;
    this.#controller = controller;
    this.#data = controller.data;
  }

  /** A target with the article's drive, and an initiator. */
  static pair(name: string, kernel: string): Promise<Fleet<"target" | "initiator">> {
    const machines = { target: { label: "targets", drives: [drive] }, initiator: { label: "initiators" } };
    return Fleet.open({ name, kernel, machines });
  }

  static async open<Name extends string>(options: FleetOptions<Name>): Promise<Fleet<Name>> {
    const { name, kernel, machines, networks } = options;
    const lab = await Lab.open({ name, kernel, note: say });
    const data = await mkdtemp(join(tmpdir(), "ff-controller-"));
    let controller: ControllerProcess | undefined;
    try {
      controller = await ControllerProcess.start(data);
      const wishes = Object.entries<FleetMachine>(machines);
      const what = `booting ${wishes.length} machines with Linux ${lab.kernel.version}`;
      const at = await timed(what, () => lab.boot(machines, networks));
      const labels = new Map(wishes.map(([machine, { label }]) => [machine, label]));
      const fleet = new Fleet({ lab, at, labels, controller });
      await fleet.#shareToken();
      return fleet;
    } catch (error) {
      await controller?.[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
      throw error;
    }
  }

  get controller(): ControllerProcess {
    return this.#controller;
  }

  get machines(): readonly Machine[] {
    return Object.values(this.at);
  }

  /** The agent that was started last in a machine. */
  agent(machine: Machine): Program {
    return this.#agent(machine).program;
  }

  /** Starts the agent of a machine; resolves when the controller has welcomed it. */
  async startAgent(machine: Machine): Promise<void> {
    this.launchAgent(machine);
    await this.welcomed(machine);
  }

  /** Starts the agent of a machine, whether or not there is a controller. */
  launchAgent(machine: Machine): Program {
    const program = machine.node("dist/flashfleet-agent.mjs", [
      ...["--name", machine.name, "--label", this.#labels.get(machine.name) ?? machine.name],
      ...["--nats", `nats://${hostAddress}:${this.#controller.url.port}`, "--token-file", "/run/lab/token"],
      // What it keeps outlives a reset: this folder is the host's.
      ...["--data", "/run/lab/agent"],
    ]);
    this.#agents.set(machine.name, { program, from: 0 });
    return program;
  }

  /** Waits until the controller has welcomed the agent, since the controller's start. */
  async welcomed(machine: Machine): Promise<void> {
    const { program, from } = this.#agent(machine);
    await program.lines.waitFor(/has welcomed this node/, { within: 60_000, from });
  }

  /** And its nats-server with it. */
  async stopController(): Promise<void> {
    await this.#controller[Symbol.asyncDispose]();
  }

  /** A new one with the data of the last. */
  async startController(): Promise<ControllerProcess> {
    for (const agent of this.#agents.values()) agent.from = agent.program.lines.count;
    this.#controller = await ControllerProcess.start(this.#data);
    return this.#controller;
  }

  async #shareToken(): Promise<void> {
    const { tokenFile } = this.#controller;
    await Promise.all(this.machines.map(({ directory }) => copyFile(tokenFile, join(directory, "share", "token"))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controller[Symbol.asyncDispose]();
    await this.lab[Symbol.asyncDispose]();
    await rm(this.#data, { recursive: true, force: true });
  }

  #agent({ name }: Machine): { program: Program; from: number } {
    const agent = this.#agents.get(name);
    if (agent !== undefined) return agent;
    throw new FlashfleetError("not_found", `cannot find an agent on ${name}: none was started`);
  }
}
