import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Agent, startAgent } from "../../agent/agent.ts";
import { openFileStore } from "../../agent/store/file-store.ts";
import type { Store } from "../../agent/store/store.ts";
import { createMemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelNodeOptions } from "../../agent/system/model/hardware.ts";
import { createModelNode, type ModelSystem } from "../../agent/system/model/model-system.ts";
import type { System } from "../../agent/system/system.ts";
import type { Environment } from "../../controller/config.ts";
import { type Controller, startController } from "../../controller/controller.ts";
import type { Bus } from "../../shared/bus/bus.ts";
import { busToCome } from "../../shared/bus/bus-to-come.ts";
import { connectNatsBus } from "../../shared/bus/nats.ts";
import { systemClock } from "../../shared/clock.ts";
import { createLogger } from "../../shared/logger.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { nodePrincipal } from "../../shared/protocol/subjects.ts";
import { Secret } from "../../shared/secret.ts";
import { type Answer, flashfleet } from "./cli.ts";
import { findTestServer } from "./nats-server.ts";

const program = await findTestServer();

export interface NodeOptions extends Partial<ModelNodeOptions> {
  label?: string;
  /** Where its agent keeps what it must not forget. */
  home?: string;
  /** What the agent works on instead of the model itself. */
  through?: (system: ModelSystem) => System;
}

/** A node of a test: a modelled machine, and an agent that may come and go. */
export interface TestNode {
  name: string;
  system: ModelSystem;
  store: Store;
  bus: Bus;
  agent: Agent;
  /** Where its spec is kept. */
  directory: string;
  /** Ends the agent alone; the machine goes on. */
  stop(): Promise<void>;
  /** Starts the agent again on what it finds on its disk, whether or not there is a controller. */
  boot(through?: NodeOptions["through"]): Promise<void>;
  /** The same, until the controller has welcomed it. */
  start(through?: NodeOptions["through"]): Promise<void>;
  /** Power loss: nothing of the kernel's is left, the disk is. The agent does not start by itself. */
  powerCut(): Promise<void>;
}

export interface TestFleet extends AsyncDisposable {
  directory: string;
  data: string;
  environment: Environment;
  controller: Controller;
  nodes: Record<string, TestNode>;
  /** Every line that controller and agents have logged, at debug level. */
  logs: string[];
  /** What the controller said to people. */
  said: string[];
  node(name: string): TestNode;
  cli(...argv: string[]): Promise<Answer>;
  /** Writes a file below the fleet's directory and gives its path. */
  file(name: string, text: string): Promise<string>;
  /** Of the bus. */
  token(): Promise<Secret>;
  stopController(): Promise<void>;
  startController(): Promise<void>;
  addNode(name: string, options?: NodeOptions): Promise<TestNode>;
}

interface FleetOptions {
  /** By name; default: one target, two initiators, as in the article. */
  nodes?: Record<string, NodeOptions>;
  /** A nats-server that is looked after elsewhere; default: the controller's own. */
  nats?: { url: string; tokenFile: string };
  /** The controller's data directory; default: one of its own. */
  data?: string;
}

const gigabyte = 1_000_000_000;

export const articleNodes: Record<string, NodeOptions> = {
  target: {
    label: "targets",
    addresses: ["192.168.1.92/24"],
    drives: [1, 2].map((number) => ({ serial: `VB-${number}`, model: "ORCL-VBOX-NVME-VER12", size: 2 * gigabyte })),
  },
  "initiator-1": { label: "initiators", addresses: ["192.168.1.101/24"] },
  "initiator-2": { label: "initiators", addresses: ["192.168.1.102/24"] },
};

let seed = 11;
function nextByte(): number {
  seed = (seed * 75 + 74) % 65537;
  return seed & 255;
}

/** A free port of loopback: 4222 is for whoever runs beside the tests. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** An environment of its own: nothing of the person who runs the tests. */
export function testEnvironment(directory: string, data: string): Environment {
  return {
    XDG_STATE_HOME: join(directory, "state"),
    FLASHFLEET_NATS_TOKEN: undefined,
    data,
    natsServer: program.program,
    path: "",
    cache: join(directory, "cache"),
    colours: false,
    user: "tester@desk",
  };
}

/** A controller over a real nats-server, and agents on modelled machines in this process; all welcomed. */
export async function startFleet({ nodes = articleNodes, nats, ...options }: FleetOptions = {}): Promise<TestFleet> {
  const directory = await mkdtemp(join(tmpdir(), "ff-fleet-"));
  const data = options.data ?? join(directory, "c");
  await mkdir(join(data, "nats"), { recursive: true, mode: 0o700 });
  await writeFile(join(data, "nats", "port"), String(await freePort()));
  const environment = testEnvironment(directory, data);
  const fabric = createMemoryFabric();
  const logs: string[] = [];
  const said: string[] = [];
  const log = (name: string) =>
    createLogger({ name, level: "debug", destination: { write: (line) => void logs.push(line) } });
  const start = () =>
    startController({
      data,
      nats: nats?.url,
      tokenFile: nats?.tokenFile,
      environment,
      log: log("controller"),
      say: (text) => void said.push(text),
    });
  const fleet: TestFleet = {
    directory,
    data,
    environment,
    controller: await start(),
    nodes: {},
    logs,
    said,
    node: (name) => {
      const node = fleet.nodes[name];
      if (node === undefined) throw new Error(`the test fleet has no ${name}`);
      return node;
    },
    cli: (...argv) => flashfleet(environment, argv),
    file: async (name, text) => {
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    token: async () => new Secret((await readFile(nats?.tokenFile ?? join(data, "nats", "token"), "utf8")).trim()),
    stopController: () => fleet.controller.close(),
    startController: async () => {
      fleet.controller = await start();
    },
    addNode: async (name, options = {}) => {
      const node = await createNode(name, options);
      fleet.nodes[name] = node;
      return node;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Object.values(fleet.nodes).map((node) => node.stop()));
      await fleet.controller.close();
      await Promise.all(Object.values(fleet.nodes).map(({ system }) => system.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };

  async function createNode(name: string, { label, through, home: given, ...machine }: NodeOptions): Promise<TestNode> {
    const id = NodeId.parse(name);
    const home = given ?? join(directory, "nodes", name);
    let stop = new AbortController();
    const begin = async (system: System, store: Store) => {
      const { url } = fleet.controller;
      const connecting = connectNatsBus({
        url,
        token: await fleet.token(),
        name: `agent ${name}`,
        principal: nodePrincipal(id),
        clock: systemClock,
        random: Math.random,
        waitOnFirstConnect: true,
        signal: stop.signal,
        onBadMessage: ({ error }) => void logs.push(`${name}: ${error.message}`),
      });
      const bus = busToCome(connecting, systemClock);
      const agent = await startAgent({
        node: id,
        version: "test",
        labels: label === undefined ? {} : { [label]: true },
        system,
        bus,
        store,
        clock: systemClock,
        random: { fraction: Math.random, uuid: () => crypto.randomUUID() },
        log: log(`agent ${name}`),
      });
      return { bus, agent };
    };
    const system = createModelNode({
      hostname: name,
      drives: [],
      addresses: [],
      random: (length) => Uint8Array.from({ length }, nextByte),
      clock: systemClock,
      fabric,
      ...machine,
    });
    const store = await openFileStore(home, id);
    const node: TestNode = {
      name,
      system,
      store,
      directory: home,
      ...(await begin(through?.(system) ?? system, store)),
      stop: async () => {
        stop.abort(new Error("the agent stops"));
        await node.agent.close();
        await node.bus.close();
      },
      boot: async (instead = through) => {
        stop = new AbortController();
        node.store = await openFileStore(home, id);
        Object.assign(node, await begin(instead?.(node.system) ?? node.system, node.store));
      },
      start: async (instead = through) => {
        await node.boot(instead);
        await node.agent.welcomed;
      },
      powerCut: async () => {
        await node.stop();
        node.system = await node.system.boot();
        followReboots();
      },
    };
    // As the agent's program does on a modelled machine.
    const followReboots = () => {
      void node.system.rebooted.then(async (next) => {
        void node.agent.close();
        await node.bus.close();
        node.system = next;
        followReboots();
        await node.boot();
      });
    };
    followReboots();
    await node.agent.welcomed;
    return node;
  }

  for (const [name, options] of Object.entries(nodes)) await fleet.addNode(name, options);
  return fleet;
}

export const walkthrough = "playbooks/data-in-a-flash.yaml";
export const locked = "playbooks/data-in-a-flash-locked.yaml";
export const removal = "playbooks/data-in-a-flash-remove.yaml";

/** A key as `nvme gen-dhchap-key` makes them. */
export const dhchapKey = "DHHC-1:00:BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYDWRHm:";
