import type { Drive, Obstacle, Target, Want } from "../../controller/pairing/want.ts";
import { NodeId } from "../../shared/protocol/ids.ts";

export const GB = 1e9;
const id = (name: string) => NodeId.parse(name);

export function drive(name: string, size: number, obstacles: Obstacle[] = []): Drive {
  const device = `/dev/disk/by-id/nvme-${name}`;
  return { id: `eui.${name}`, device, names: [device, `/dev/${name}`], size: size * GB, obstacles };
}

export function target(node: string, drives: Drive[], variables: Record<string, string> = {}): Target {
  return { node: id(node), drives, variables };
}

export function want(volume: string, size: number, targets: readonly string[], more: Partial<Want> = {}): Want {
  const [holder = ""] = volume.split("/");
  return {
    volume,
    initiator: holder.startsWith("share:") ? undefined : id(holder),
    size: size * GB,
    targets: targets.map(id),
    spread: undefined,
    local: false,
    backing: "single",
    device: undefined,
    override: [],
    ...more,
  };
}

export const inUse: Obstacle = { is: "use", says: "mounted at /srv" };
