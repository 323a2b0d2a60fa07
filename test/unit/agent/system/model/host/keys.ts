import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import type { ConnectOptions } from "../../../../../../agent/system/system.ts";
import { formatDhchapKey } from "../../../../../../shared/nvme/dhchap.ts";
import { build, connectTo, errnoOf, exportBoth, hostA, never, nqnA, pair } from "../lab.ts";

export const one = formatDhchapKey(new Uint8Array(32).fill(1));
export const two = formatDhchapKey(new Uint8Array(32).fill(2));
export const controller = "/sys/class/nvme/nvme2";

export interface Keys {
  key?: string;
  ctrl?: string;
}

/** A target of this kernel whose host has these keys, and an initiator of that one. */
export async function keyed(keys: Keys, target = "6.12", initiator = target) {
  const nodes = await pair({ target, initiator });
  await exportBoth(nodes.target);
  await set(nodes.target, keys);
  return nodes;
}

export async function set(target: ModelSystem, { key, ctrl }: Keys): Promise<void> {
  if (key !== undefined) await build(target, [["write", `hosts/${hostA}/dhchap_key`, key, "ok"]]);
  if (ctrl !== undefined) await build(target, [["write", `hosts/${hostA}/dhchap_ctrl_key`, ctrl, "ok"]]);
}

export function write(system: ModelSystem, path: string, value: string): Promise<string> {
  return errnoOf(system.do({ op: "write", path, value }, never));
}

/** The texts of these last lines of the kernel's log. */
export function last(system: ModelSystem, count: number): string[] {
  return system
    .kernelLog()
    .slice(-count)
    .map((line) => line.slice("[   12.345678] ".length));
}

/** What a connect gives, and after how many seconds. */
export async function connect(
  { clock, initiator }: Awaited<ReturnType<typeof pair>>,
  options: ConnectOptions,
): Promise<[errno: string, seconds: number]> {
  const began = clock.now();
  const errno = await clock.drive(errnoOf(initiator.do(connectTo(nqnA, options), never)));
  return [errno, (clock.now() - began) / 1000];
}
