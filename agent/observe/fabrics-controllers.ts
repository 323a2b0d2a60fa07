import { Secret } from "../../shared/secret.ts";
import type { System } from "../system/system.ts";
import type { FabricsController } from "./observed.ts";
import { readAttribute, readAttributes } from "./tolerant.ts";

/** Attributes that are shown and compared. Named one by one: others are write-only, secret, or cost a command. */
const attributeNames = [
  "cntrltype",
  "ctrl_loss_tmo",
  "dctype",
  "fast_io_fail_tmo",
  "firmware_rev",
  "kato",
  "model",
  "numa_node",
  "queue_count",
  "reconnect_delay",
  "serial",
  "sqsize",
] as const;
const keyNames = ["dhchap_secret", "dhchap_ctrl_secret"] as const;

/** tcp, rdma, fc, loop, pcie; undefined for a controller that has gone. */
export async function transportOf(system: System, directory: string): Promise<string | undefined> {
  return readAttribute(system, `${directory}/transport`);
}

/** One controller below /sys/class/nvme, or undefined where it went. */
export async function observeController(
  system: System,
  directory: string,
  name: string,
): Promise<FabricsController | undefined> {
  const [identity, attributes, keys] = await Promise.all([
    readAttributes(system, directory, ["state", "transport", "address", "cntlid", "hostnqn", "hostid"]),
    readAttributes(system, directory, attributeNames),
    readAttributes(system, directory, keyNames),
  ]);
  const { state, transport, address, cntlid, hostnqn, hostid } = identity;
  if (state === undefined || transport === undefined) return undefined;
  return {
    name,
    state,
    transport,
    ...parseControllerAddress(address ?? ""),
    cntlid: cntlid ?? "",
    ...(hostnqn === undefined ? {} : { hostnqn }),
    ...(hostid === undefined ? {} : { hostid }),
    attributes,
    keys: Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [
        key,
        value === "none" || value === "" ? undefined : new Secret(value),
      ]),
    ),
  };
}

/** `traddr=10.0.0.1,trsvcid=4420,host_traddr=10.0.0.2,host_iface=eth0,src_addr=10.0.0.2`. */
export function parseControllerAddress(
  text: string,
): Pick<FabricsController, "address" | "serviceId" | "hostAddress" | "hostInterface"> {
  const fields = new Map(text.split(",").map((field) => splitOnce(field.trim())));
  const hostAddress = fields.get("host_traddr");
  const hostInterface = fields.get("host_iface");
  return {
    address: fields.get("traddr") ?? "",
    serviceId: fields.get("trsvcid") ?? "",
    ...(hostAddress === undefined ? {} : { hostAddress }),
    ...(hostInterface === undefined ? {} : { hostInterface }),
  };
}

function splitOnce(field: string): [string, string] {
  const equals = field.indexOf("=");
  return equals < 0 ? [field, ""] : [field.slice(0, equals), field.slice(equals + 1)];
}
