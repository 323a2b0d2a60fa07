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
export interface Fleet extends AsyncDisposable {
  readonly lab: Lab;
  readonly target: Machine;
  readonly initiator: Machine;
  readonly controller: ControllerProcess;
  /** Starts the agent of a machine anew; resolves when the controller has welcomed it. */
  startAgent(machine: Machine): Promise<Program>;
  /** The agent that runs in a machine. */
  agent(machine: Machine): Program;
}

/** @param name for the logs @param kernel see {@link Lab.open} */
export async function openFleet(name: string, kernel: string): Promise<Fleet> {
  const opened: (() => PromiseLike<void>)[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    const lab = await Lab.open({ name, kernel, note: say });
    opened.push(() => lab[Symbol.asyncDispose]());
    const data = await mkdtemp(join(tmpdir(), "ff-controller-"));
    opened.push(() => rm(data, { recursive: true, force: true }));
    const controller = await ControllerProcess.start(data);
    opened.push(() => controller[Symbol.asyncDispose]());
    const boot = () => lab.boot({ target: { drives: [drive] }, initiator: {} });
    const { target, initiator } = await timed(`booting two machines with Linux ${lab.kernel.version}`, boot);
    const agents = new Map<string, Program>();
    return {
      lab,
      target,
      initiator,
      controller,
      agent: (machine) => {
        const agent = agents.get(machine.name);
        if (agent !== undefined) return agent;
        throw new FlashfleetError("not_found", `cannot find an agent on ${machine.name}: none was started`);
      },
      startAgent: async (machine) => {
        const agent = await startAgent(machine, controller);
        agents.set(machine.name, agent);
        return agent;
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startAgent(machine: Machine, { url, tokenFile }: ControllerProcess): Promise<Program> {
  await copyFile(tokenFile, join(machine.directory, "share", "token"));
  const agent = machine.node("dist/flashfleet-agent.mjs", [
    ...["--name", machine.name, "--label", `${machine.name}s`],
    ...["--nats", `nats://${hostAddress}:${url.port}`, "--token-file", "/run/lab/token"],
    // What it keeps outlives a reset: this folder is the host's.
    ...["--data", "/run/lab/agent"],
  ]);
  await agent.lines.waitFor(/has welcomed this node/, { within: 60_000 });
  return agent;
}
