import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashfleetError } from "../../../shared/errors.ts";
import { Lab } from "../lab.ts";
import { say, timed } from "../lab-test.ts";
import type { Machine } from "../machine.ts";
import { hostAddress } from "../machine-files.ts";
import type { Program } from "../programs.ts";
import { ControllerProcess } from "./controller-process.ts";

const GIBIBYTE = 2 ** 30;

/** The drive of the article. */
export const drive = { size: 2 * GIBIBYTE, serial: "VB1234-56789" };

/** Two machines, the bundled agent in each, and a controller outside. */
export class Fleet implements AsyncDisposable {
  readonly lab: Lab;
  readonly target: Machine;
  readonly initiator: Machine;
  readonly #data: string;
  readonly #agents = new Map<string, { program: Program; from: number }>();
  #controller: ControllerProcess;

  private constructor(parts: {
    lab: Lab;
    machines: { target: Machine; initiator: Machine };
    controller: ControllerProcess;
  }) {
    this.lab = parts.lab;
    this.target = parts.machines.target;
    this.initiator = parts.machines.initiator;
    this.#controller = parts.controller;
    this.#data = parts.controller.data;
  }

  /** @param name for the logs @param kernel see {@link Lab.open} */
  static async open(name: string, kernel: string): Promise<Fleet> {
    const lab = await Lab.open({ name, kernel, note: say });
    const data = await mkdtemp(join(tmpdir(), "ff-controller-"));
    let controller: ControllerProcess | undefined;
    try {
      controller = await ControllerProcess.start(data);
      const boot = () => lab.boot({ target: { drives: [drive] }, initiator: {} });
      const machines = await timed(`booting two machines with Linux ${lab.kernel.version}`, boot);
      const fleet = new Fleet({ lab, machines, controller });
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
    return [this.target, this.initiator];
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
      ...["--name", machine.name, "--label", `${machine.name}s`],
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
