import type { Clock } from "../../shared/clock.ts";
import type { Facts } from "../../shared/protocol/facts.ts";
import type { InterfaceAddress, System } from "../system/system.ts";
import { type Shelf, signaturesOf } from "./drive-signatures.ts";
import { observeMachine } from "./machine/machine-facts.ts";
import { observe } from "./observe.ts";
import type { Drive } from "./observed.ts";
import { eachThere, ifThere } from "./tolerant.ts";
import { useOf } from "./use.ts";
import { readUseTables, type UseTables } from "./use-tables.ts";

/** Modules that NVMe over Fabrics has to do with. */
const isStorageModule = (name: string) => /^(nvme|nvmet|configfs$|rdma_(cm|rxe)$|siw$|mlx\d_ib$)/.test(name);

/**
 * What `flashfleet facts` shows and playbooks read. `checking`: in a check the node itself, where what no task changes is looked
 * for, with what its tasks would have made of what lies on devices; `clock` is that of the system.
 */
export async function gatherFacts(system: System, clock: Clock, checking?: Shelf): Promise<Facts> {
  const shelf: Shelf = checking ?? { node: system, clock };
  const [seen, tables, hostname, own] = await Promise.all([
    observe(system, ["kernel", "host", "addresses", "drives", "fabrics"]),
    readUseTables(system),
    system.hostname(),
    observeMachine(shelf.node),
  ]);
  const address = mainAddress(seen.addresses);
  const drives = await eachThere(seen.drives, (drive) => driveFacts(system, tables, drive));
  const signatures = await signaturesOf(drives, shelf);
  return {
    hostname,
    ...(address === undefined ? {} : { address }),
    addresses: seen.addresses.map(({ interface: name, address: each, family, prefix, mac }) => ({
      interface: name,
      address: each,
      family,
      prefix,
      mac,
    })),
    kernel: {
      release: seen.kernel.release,
      modules_loaded: [...seen.kernel.modules].filter(isStorageModule).sort(),
      modules_available: [...seen.kernel.available].filter(isStorageModule).sort(),
    },
    nvme: { ...seen.host, fabrics_options: [...seen.fabrics.options].sort() },
    drives: drives.map((drive, index) => {
      const signature = signatures[index];
      return signature === undefined ? drive : { ...drive, signature };
    }),
    system: own,
  };
}

async function driveFacts(
  system: System,
  tables: UseTables,
  drive: Drive,
): Promise<Facts["drives"][number] | undefined> {
  // Pulled while the facts were gathered: no drive of this node any more.
  const uses = await ifThere(useOf(system, tables, drive.path));
  if (uses === undefined) return undefined;
  const { name, path, byId, serial, model, wwid, size, readOnly } = drive;
  return {
    name,
    path,
    by_id: byId,
    serial,
    model,
    wwid,
    size,
    read_only: readOnly,
    uses: uses.map(({ device, says }) => ({ device, says })),
  };
}

/** The first global IPv4 address, else IPv6: not loopback, link-local, or of a container bridge. */
export function mainAddress(addresses: readonly InterfaceAddress[]): string | undefined {
  const global = addresses.filter(({ address, interface: name }) => isGlobal(address) && !isBridgeOfContainers(name));
  return (global.find(({ family }) => family === "ipv4") ?? global[0])?.address;
}

const isGlobal = (address: string) => !/^(127\.|169\.254\.|::1$|fe[89ab][0-9a-f]:)/i.test(address);
const isBridgeOfContainers = (name: string) => /^(docker|br-[0-9a-f]{12}$|veth|virbr|cni|flannel|cali)/.test(name);
