import { createMemoryFabric, type MemoryFabric } from "../../../../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelNodeOptions } from "../../../../../agent/system/model/hardware.ts";
import { createModelNode, type ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import { type ConnectOptions, type Op, SystemError } from "../../../../../agent/system/system.ts";
import type { Clock, Millis } from "../../../../../shared/clock.ts";

export const nvmetRoot = "/sys/kernel/config/nvmet";
export const never = Number.MAX_SAFE_INTEGER;

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<{ at: Millis; wake: () => void }>();

  wall(): Millis {
    return this.#now;
  }

  now(): Millis {
    return this.#now;
  }

  sleep(millis: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper = { at: this.#now + millis, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Sleepers that are left: an idle node has none. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Lets time pass, as much as the work waits for and no more. */
  async drive<R>(work: Promise<R>): Promise<R> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    work.then(done, done);
    await turns(1);
    while (!settled) {
      await turns();
      const next = [...this.#sleepers].sort((one, other) => one.at - other.at)[0];
      if (settled || next === undefined) continue;
      await this.advance(next.at - this.#now);
    }
    return work;
  }

  async advance(millis: Millis): Promise<void> {
    const until = this.#now + millis;
    for (;;) {
      const next = [...this.#sleepers].sort((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > until) break;
      this.#now = next.at;
      this.#sleepers.delete(next);
      next.wake();
      await turns();
    }
    this.#now = until;
    await turns();
  }
}

/** Lets everything happen that is ready to happen in this process. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for events of other processes and sockets, turn by turn. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("it never came to be");
}

/** The same bytes in each test. */
export function countingRandom(seed = 1): (length: number) => Uint8Array {
  let state = seed;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state >> 16;
    });
}

export interface NodeSetup extends Partial<ModelNodeOptions> {
  clock?: Clock;
}

const gigabyte = 1e9;

export function node(hostname: string, address: string, setup: NodeSetup = {}): ModelSystem {
  return createModelNode({
    hostname,
    drives: [
      { serial: `${hostname}-A`, model: "QEMU NVMe Ctrl", size: 2 * gigabyte },
      { serial: `${hostname}-B`, model: "QEMU NVMe Ctrl", size: 4 * gigabyte },
    ],
    addresses: [address],
    fabric: createMemoryFabric(),
    clock: new ManualClock(),
    random: countingRandom(hostname.length),
    ...setup,
  });
}

/** A node with nvmet loaded and configfs mounted. */
export async function targetNode(setup: NodeSetup = {}, address = "10.0.0.1/24"): Promise<ModelSystem> {
  const system = node("target", address, setup);
  await system.do({ op: "modprobe", name: "nvmet", parameters: {} }, never);
  await system.do({ op: "mountConfigfs" }, never);
  return system;
}

export async function initiatorNode(setup: NodeSetup = {}, address = "10.0.0.2/24"): Promise<ModelSystem> {
  const system = node("initiator", address, setup);
  await system.do({ op: "modprobe", name: "nvme-tcp", parameters: {} }, never);
  return system;
}

/** A target and an initiator on one network, with one clock. */
export async function pair(setup: { target?: string; initiator?: string; fabric?: MemoryFabric } = {}) {
  const clock = new ManualClock();
  const fabric = setup.fabric ?? createMemoryFabric(clock);
  const kernel = (name: string | undefined) => (name === undefined ? {} : { kernel: name });
  const target = await targetNode({ fabric, clock, ...kernel(setup.target) });
  const initiator = await initiatorNode({ fabric, clock, ...kernel(setup.initiator) });
  return { clock, fabric, target, initiator };
}

/** Steps below nvmet/, as people write them; results are `ok` or an errno, or what was read. */
export type Step =
  | ["mkdir" | "rmdir" | "unlink", path: string, result: string]
  | ["write", path: string, text: string, result: string]
  | ["read", path: string, result: string]
  | ["link", path: string, to: string, result: string]
  | ["readlink", path: string, result: string];

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${nvmetRoot}/${path}`.replace(/\/$/, "");
}

export async function errnoOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    if (error instanceof SystemError) return error.errno;
    throw error;
  }
}

/** Work that may wait: what it has come to so far. */
export function watched(work: Promise<unknown>): { result: string } {
  const seen = { result: "waits" };
  void errnoOf(work).then((result) => {
    seen.result = result;
  });
  return seen;
}

export async function run(system: ModelSystem, [what, path, ...rest]: Step): Promise<string> {
  const at = absolute(path);
  const act = (op: Op) => errnoOf(system.do(op, never));
  const [first = ""] = rest;
  if (what === "write") return act({ op: "write", path: at, value: first });
  if (what === "link") return act({ op: "symlink", path: at, to: first.startsWith(".") ? first : absolute(first) });
  if (what === "read" || what === "readlink") {
    const value = what === "read" ? system.read(at) : system.readlink(at);
    return value.catch((error: unknown) => (error instanceof SystemError ? error.errno : Promise.reject(error)));
  }
  return act({ op: what, path: at });
}

/** Runs steps whose results do not matter here: they must all be ok. */
export async function build(system: ModelSystem, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const result = await run(system, step);
    if (result !== "ok") throw new Error(`${step.join(" ")}: ${result}`);
  }
}

export const hostA = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
export const hostidA = "11111111-2222-3333-4444-555555555555";
export const hostB = "nqn.2014-08.org.nvmexpress:uuid:21111111-2222-3333-4444-555555555555";
export const hostidB = "21111111-2222-3333-4444-555555555555";
export const nqnA = "nqn.2024-01.io.x:a";
export const nqnB = "nqn.2024-01.io.x:b";

/** A subsystem with one drive, exported to hostA. */
export function exportSteps(nqn: string, device: string, uuid: string): Step[] {
  const subsystem = `subsystems/${nqn}`;
  return [
    ["mkdir", subsystem, "ok"],
    ["write", `${subsystem}/attr_serial`, "5eed0001", "ok"],
    ["mkdir", `${subsystem}/namespaces/1`, "ok"],
    ["write", `${subsystem}/namespaces/1/device_path`, device, "ok"],
    ["write", `${subsystem}/namespaces/1/device_uuid`, uuid, "ok"],
    ["write", `${subsystem}/namespaces/1/enable`, "1", "ok"],
    ["link", `${subsystem}/allowed_hosts/${hostA}`, `hosts/${hostA}`, "ok"],
  ];
}

export function portSteps(id = 1, traddr = "10.0.0.1", trsvcid = "4420"): Step[] {
  return [
    ["mkdir", `ports/${id}`, "ok"],
    ["write", `ports/${id}/addr_trtype`, "tcp", "ok"],
    ["write", `ports/${id}/addr_adrfam`, traddr.includes(":") ? "ipv6" : "ipv4", "ok"],
    ["write", `ports/${id}/addr_traddr`, traddr, "ok"],
    ["write", `ports/${id}/addr_trsvcid`, trsvcid, "ok"],
  ];
}

export const uuidA = "11111111-aaaa-4bbb-8ccc-000000000001";
export const uuidB = "22222222-aaaa-4bbb-8ccc-000000000002";

/** Two subsystems on port 1, both for hostA. */
export async function exportBoth(target: ModelSystem): Promise<void> {
  await build(target, [
    ["mkdir", `hosts/${hostA}`, "ok"],
    ["mkdir", `hosts/${hostB}`, "ok"],
    ...exportSteps(nqnA, "/dev/nvme0n1", uuidA),
    ...exportSteps(nqnB, "/dev/nvme1n1", uuidB),
    ...portSteps(),
    ["link", `ports/1/subsystems/${nqnA}`, `subsystems/${nqnA}`, "ok"],
    ["link", `ports/1/subsystems/${nqnB}`, `subsystems/${nqnB}`, "ok"],
  ]);
}

export function connectTo(nqn: string, more: ConnectOptions = {}): Op {
  return {
    op: "connect",
    options: {
      transport: "tcp",
      traddr: "10.0.0.1",
      trsvcid: "4420",
      nqn,
      hostnqn: hostA,
      hostid: hostidA,
      reconnect_delay: 2,
      ...more,
    },
  };
}

/** The fabrics controllers of a node: `nvme2 live nqn…`. */
export async function controllers(system: ModelSystem): Promise<string[]> {
  const found: string[] = [];
  for (const name of await system.list("/sys/class/nvme")) {
    const at = `/sys/class/nvme/${name}`;
    if ((await system.read(`${at}/transport`)).trim() === "pcie") continue;
    found.push(`${name} ${(await system.read(`${at}/state`)).trim()} ${(await system.read(`${at}/subsysnqn`)).trim()}`);
  }
  return found;
}

/** Disks that came over fabrics, the hidden ones too. */
export async function disks(system: ModelSystem): Promise<string[]> {
  const found: string[] = [];
  for (const name of await system.list("/sys/block")) {
    if ((await system.realpath(`/sys/block/${name}`)).includes("/virtual/")) found.push(name);
  }
  return found;
}
