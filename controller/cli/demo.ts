import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { systemClock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { createLogger } from "../../shared/logger.ts";
import { ApiClient } from "../api/client.ts";
import { NodeSummary } from "../api/messages.ts";
import { type Controller, startController } from "../controller.ts";
import type { Context } from "./context.ts";
import { health } from "./health.ts";
import { run } from "./run.ts";
import { volumes } from "./volumes.ts";

const gigabyte = 1_000_000_000;

/** The fleet of the demonstration: that of the article, where the target has a drive more, for the volumes. */
const machines = [
  {
    name: "target",
    labels: ["targets", "flash"],
    drives: [1, 2, 3].map((number) => ({
      serial: `VB1234-5678${number}`,
      model: "ORCL-VBOX-NVME-VER12",
      size: 2 * gigabyte,
    })),
    addresses: ["192.168.1.92/24"],
  },
  { name: "initiator-1", labels: ["initiators", "databases"], drives: [], addresses: ["192.168.1.101/24"] },
  { name: "initiator-2", labels: ["initiators", "databases"], drives: [], addresses: ["192.168.1.102/24"] },
] as const;

const connectMillis = 60_000;
/** The bundle lies in dist/, the source in controller/cli/. */
const bundled = import.meta.url.endsWith(".mjs");
const pathOf = (path: string) => new URL(path, import.meta.url).pathname;
const playbooks = pathOf(bundled ? "../playbooks" : "../../playbooks");
const walkthrough = join(playbooks, "data-in-a-flash.yaml");
const pairs = join(playbooks, "remote-flash.yaml");

/** A whole fleet on this machine: real programs, real nats-server, modelled kernels. Exits 0 if all is healthy. */
export async function demo(context: Context, { once: ends }: { once?: boolean }): Promise<number> {
  const stays = !ends && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const directory = await mkdtemp(join(tmpdir(), "flashfleet-demo-"));
  const data = join(directory, "controller");
  const agents: ChildProcess[] = [];
  let controller: Controller | undefined;
  const say = (text: string) => context.out(`${context.paint.bold(text)}\n`);
  try {
    say("Starting a controller with its own nats-server");
    controller = await startController({
      data,
      nats: undefined,
      tokenFile: undefined,
      environment: context.environment,
      log: createLogger({ name: "controller", level: "error" }),
      say: (text) => context.out(`  ${text}\n`),
    });
    context.out(`  bus at ${controller.url}, data in ${data}\n`);
    say(`Starting ${machines.length} agents, each a process with the model of a Linux 6.12 kernel`);
    for (const machine of machines) agents.push(await startAgent(machine, directory, controller));
    await connected(controller, context, agents);
    const options = { data };
    say("\nflashfleet run playbooks/data-in-a-flash.yaml");
    const first = await run(context, [walkthrough], options);
    say("\nThe same again: nothing is left to do");
    const second = first === 0 ? await run(context, [walkthrough], options) : first;
    say("\nflashfleet run playbooks/remote-flash.yaml: flashfleet chooses the drives");
    const paired = second === 0 ? await run(context, [pairs], options) : second;
    say("\nflashfleet volumes");
    await volumes(context, undefined, options);
    say("\nflashfleet health");
    const state = await health(context, undefined, options);
    if (stays && !context.stop.aborted) await stay(context, data);
    return first || second || paired || state;
  } finally {
    for (const agent of agents) agent.kill("SIGTERM");
    await Promise.all(
      agents.map((agent) => (agent.exitCode === null && agent.signalCode === null ? once(agent, "exit") : undefined)),
    );
    await controller?.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function startAgent(
  { name, labels, drives, addresses }: (typeof machines)[number],
  directory: string,
  controller: Controller,
): Promise<ChildProcess> {
  const model = join(directory, `${name}.json`);
  await writeFile(model, JSON.stringify({ drives, addresses }));
  const program = bundled ? [pathOf("flashfleet-agent.mjs")] : ["--import", "tsx", pathOf("../../agent/main.ts")];
  const token = controller.tokenFile === undefined ? [] : ["--token-file", controller.tokenFile];
  return spawn(
    process.execPath,
    [
      ...program,
      ...[
        "--name",
        name,
        "--nats",
        controller.url,
        ...token,
        ...labels.flatMap((label) => ["--label", label]),
        "--data",
        join(directory, name),
      ],
      ...["--model", model, "--fabric", join(directory, "fabric"), "--log-level", "warn"],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
}

/** Waits until every agent has said hello, and fails at once where one has died. */
async function connected(controller: Controller, context: Context, agents: readonly ChildProcess[]): Promise<void> {
  const client = new ApiClient(controller.socket);
  const end = systemClock.now() + connectMillis;
  for (;;) {
    context.stop.throwIfAborted();
    const found = await client.get("/v1/nodes", z.array(NodeSummary));
    if (found.length === machines.length) return;
    const dead = agents.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (dead !== undefined || systemClock.now() > end) {
      throw new FlashfleetError(
        "node_unreachable",
        `only ${found.length} of ${machines.length} agents have connected`,
        {
          hint: "the lines above say why; flashfleet demo --once again shows it anew",
        },
      );
    }
    await systemClock.sleep(100, context.stop);
  }
}

async function stay(context: Context, data: string): Promise<void> {
  context.out(`
The fleet stays until Ctrl-C. In another terminal:

  export FLASHFLEET_DATA=${data}
  npx flashfleet nodes
  npx flashfleet facts target
  npx flashfleet exec all command 'uname -r'
  npx flashfleet volumes --explain
  npx flashfleet explain initiator-1/data
  npx flashfleet plan playbooks/data-in-a-flash-remove.yaml
  npx flashfleet run playbooks/data-in-a-flash-remove.yaml
  npx flashfleet health
`);
  await new Promise<void>((resolve) => {
    context.stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
