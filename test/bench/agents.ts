import { randomUUID } from "node:crypto";
import { type Agent, startAgent } from "../../agent/agent.ts";
import { createMemoryStore } from "../../agent/store/memory-store.ts";
import { busToCome } from "../../shared/bus/bus-to-come.ts";
import { connectNatsBus, type NatsBus } from "../../shared/bus/nats.ts";
import { systemClock } from "../../shared/clock.ts";
import { createLogger } from "../../shared/logger.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { nodePrincipal } from "../../shared/protocol/subjects.ts";
import { Secret } from "../../shared/secret.ts";
import { Desk } from "./desk.ts";
import type { FleetNode } from "./model-fleet.ts";

/** Where agents connect to. */
export interface Server {
  url: string;
  token: string;
}

const log = createLogger({ name: "agents", level: "warn" });

/** An agent on each node, with a controller of its own within the process; resolves when all have been welcomed. */
export async function startAgentsHere(fleet: readonly FleetNode[]): Promise<void> {
  for (const { name, system } of fleet) await new Desk(name).start(system, log);
}

/**
 * An agent on each node, at a server; what it keeps is in memory. Resolves when a controller has welcomed all of them.
 * `onBus` is given each one's connection.
 */
export async function startAgents(
  fleet: readonly FleetNode[],
  server: Server,
  onBus: (node: NodeId, bus: NatsBus) => void = () => {},
): Promise<void> {
  const agents: Agent[] = [];
  for (const { name, system } of fleet) {
    const node = NodeId.parse(name);
    const connecting = connect(node, server);
    void connecting.then((bus) => onBus(node, bus));
    const agent = await startAgent({
      node,
      version: "bench",
      labels: { nodes: true },
      system,
      bus: busToCome(connecting, systemClock),
      store: createMemoryStore(node),
      clock: systemClock,
      random: { fraction: Math.random, uuid: randomUUID },
      log,
    });
    agents.push(agent);
  }
  await Promise.all(agents.map(({ welcomed }) => welcomed));
}

function connect(node: NodeId, { url, token }: Server): Promise<NatsBus> {
  return connectNatsBus({
    url,
    token: new Secret(token),
    name: `agent ${node}`,
    principal: nodePrincipal(node),
    clock: systemClock,
    random: Math.random,
    waitOnFirstConnect: true,
    onBadMessage: ({ error }) => {
      throw error;
    },
  });
}
