import { afterEach } from "vitest";
import { createMemoryFabric } from "../../../../../../agent/system/model/fabric/memory-fabric.ts";
import type { LinkTrouble } from "../../../../../../agent/system/model/fabric/trouble.ts";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import type { ConnectOptions } from "../../../../../../agent/system/system.ts";
import {
  build,
  connectTo,
  controllers,
  exportBoth,
  initiatorNode,
  ManualClock,
  never,
  nqnA,
  portSteps,
  targetNode,
  turns,
} from "../lab.ts";

export const secondAddress = {
  interface: "eth1",
  address: "10.0.1.1",
  family: "ipv4",
  prefix: 24,
  mac: "52:54:00:00:01:01",
} as const;
export const cut: LinkTrouble["does"] = { is: "cut" };
export const firstLink = [["10.0.0.1"], ["10.0.0.2"]] as const;
export const secondLink = [["10.0.1.1"], "all"] as const;
export const linkA = `ports/1/subsystems/${nqnA}`;
export const group = "ports/1/ana_groups/1/ana_state";

const nodes: ModelSystem[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) await node.stop();
});

/** A target with two drives on 10.0.0.1 and 10.0.1.1, and an initiator, on a network whose links can be troubled. */
export async function world(
  kernels: { target?: string; initiator?: string } = {},
  commandLine: Record<string, string> = {},
) {
  const clock = new ManualClock();
  const fabric = createMemoryFabric(clock);
  const of = (kernel: string | undefined) => (kernel === undefined ? {} : { kernel });
  const target = await targetNode({ clock, fabric, ...of(kernels.target) });
  await target.addAddress(secondAddress);
  await exportBoth(target);
  await build(target, [
    ...portSteps(2, "10.0.1.1"),
    ["link", `ports/2/subsystems/${nqnA}`, `subsystems/${nqnA}`, "ok"],
  ]);
  const initiator = await initiatorNode({ clock, fabric, commandLine, ...of(kernels.initiator) });
  nodes.push(target, initiator);
  const connect = async (options: ConnectOptions = {}) => {
    await initiator.do(connectTo(nqnA, options), never);
    await turns();
  };
  const state = async () => (await controllers(initiator)).map((each) => each.replace(` ${nqnA}`, ""));
  return { clock, fabric, target, initiator, connect, state };
}

/** Whether a target has a session: its sockets are in /proc/net/tcp, one for each queue. */
export async function isServing(target: ModelSystem): Promise<boolean> {
  return / 01 0{8}:/.test(await target.read("/proc/net/tcp"));
}
