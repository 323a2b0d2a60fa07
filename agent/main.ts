import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { busToCome } from "../shared/bus/bus-to-come.ts";
import { connectNatsBus } from "../shared/bus/nats.ts";
import { systemClock } from "../shared/clock.ts";
import { FlashfleetError, renderError, toErrorData } from "../shared/errors.ts";
import { createLogger, type Logger } from "../shared/logger.ts";
import { nodePrincipal } from "../shared/protocol/subjects.ts";
import { version } from "../shared/version.ts";
import { startAgent } from "./agent.ts";
import { type AgentConfig, readConfig, usage } from "./config.ts";
import { connectPatiently } from "./connect.ts";
import { createModelSystem } from "./model-machine.ts";
import { openFileStore } from "./store/file-store.ts";
import { createLinuxSystem } from "./system/linux/linux-system.ts";
import type { ModelSystem } from "./system/model/model-system.ts";
import type { System } from "./system/system.ts";

/** Runs the agent until a signal ends it. The exit code: 0 stopped, 1 it cannot run, 5 bad options. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const config = await readConfig(argv, process.env);
    if (config === undefined) {
      process.stdout.write(usage);
      return 0;
    }
    // Overwrites the arguments as ps shows them: the address may hold a token.
    process.title = `flashfleet-agent ${config.node}`;
    await run(config);
    return 0;
  } catch (error) {
    const data = toErrorData(error);
    process.stderr.write(`${renderError(data)}\n`);
    return data.code === "bad_argument" ? 5 : 1;
  }
}

async function run(config: AgentConfig): Promise<void> {
  const log = createLogger({ name: "agent", level: config.logLevel }).child({ node: config.node });
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error(signal)));
  await holdNode(config);
  let machine: Machine | undefined = createMachine(config);
  // One that is modelled boots within this process, and its agent starts anew with it.
  while (machine !== undefined) machine = await runOn(machine, config, { log, stop });
}

interface Surroundings {
  log: Logger;
  stop: AbortController;
}

/** Runs the agent on one boot of a machine, until a signal ends it. Gives the machine's next boot, where there is one. */
async function runOn(machine: Machine, config: AgentConfig, { log, stop }: Surroundings): Promise<Machine | undefined> {
  const { node, data, labels, address } = config;
  const { system, rebooted } = machine;
  const clock = systemClock;
  const store = await openFileStore(data, node);
  // A node that boots restores what it had, whether or not there is a bus.
  const connect = () =>
    connectNatsBus({
      url: address.url,
      token: address.token,
      name: `agent ${node}`,
      principal: nodePrincipal(node),
      clock,
      random: Math.random,
      waitOnFirstConnect: true,
      onWaiting: (error) => log.warn({ hint: error.hint }, error.message),
      signal: stop.signal,
      onBadMessage: ({ subject, error }) => log.warn({ subject, code: error.code }, error.message),
    });
  const connecting = connectPatiently(connect, {
    hasWork: () => Object.keys(store.spec.get().entries).length > 0,
    clock,
    random: Math.random,
    onRefused: (error) =>
      log.error({ hint: error.hint }, `${error.message}; trying again, and looking after this node`),
    signal: stop.signal,
  });
  const bus = busToCome(connecting, clock);
  const agent = await startAgent({
    node,
    version,
    labels,
    system,
    bus,
    store,
    clock,
    random: { fraction: Math.random, uuid: randomUUID },
    log,
  });
  log.info({ version, url: address.url, data }, "the agent runs");
  const stopped = new Promise<void>((resolve) => {
    if (stop.signal.aborted) resolve();
    stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let next: Machine | undefined;
  const booted = rebooted.then((to) => {
    next = to;
  });
  try {
    await Promise.race([stopped, booted, connecting]);
    await Promise.race([stopped, booted]);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    if (next === undefined) log.info({}, "the agent stops; exports and connections stay as they are");
    const closing = agent.close();
    // What this agent waits for of a machine that went down never comes.
    if (next === undefined) await closing;
    await bus.close();
  }
  return next;
}

/** One boot of a machine, and the next one, where that can be in the same process. */
interface Machine {
  system: System;
  rebooted: Promise<Machine>;
}

function createMachine({ node, model }: AgentConfig): Machine {
  if (model !== undefined) return modelled(createModelSystem(node, model.machine, model.fabric, systemClock));
  if (process.platform !== "linux") {
    throw new FlashfleetError(
      "bad_argument",
      `cannot manage ${process.platform}: NVMe over Fabrics targets are Linux's`,
      {
        hint: "run the agent on the storage nodes; to try it here, npm start models a fleet",
      },
    );
  }
  return { system: createLinuxSystem({ clock: systemClock }), rebooted: new Promise(() => {}) };
}

function modelled(system: ModelSystem): Machine {
  return { system, rebooted: system.rebooted.then(modelled) };
}

/**
 * Two agents of one node would undo each other's work. The abstract socket frees itself when the process dies. A modelled
 * machine is the process's own: only its data may not have two owners.
 */
function holdNode({ node, data, model }: AgentConfig): Promise<void> {
  if (process.platform !== "linux") return Promise.resolve();
  const held = model === undefined ? node : createHash("sha256").update(resolve(data)).digest("hex");
  return new Promise((settle, reject) => {
    const lock = createServer();
    lock.once("error", (cause) => {
      reject(
        new FlashfleetError("agent_running", `cannot start: an agent of node ${node} runs on this machine already`, {
          hint: "stop that one first, or choose another --name",
          cause: new Error(cause.message.replaceAll("\0", "")),
        }),
      );
    });
    lock.listen(`\0flashfleet-agent-${held}`, () => {
      lock.unref();
      settle();
    });
  });
}

process.exitCode = await main(process.argv.slice(2));
// Abandoned children of hung operations must not keep a stopped agent alive.
process.exit();
