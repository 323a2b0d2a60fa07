import { Secret } from "../../shared/secret.ts";
import type { System } from "../system/system.ts";
import type { Detail } from "./focus.ts";
import type { FabricsController } from "./observed.ts";
import { readAttribute, readAttributes } from "./tolerant.ts";

/** Attributes that are shown and compared. Named one by one: others are write-only, secret, or cost a command. */
const attributeNames: Readonly<Record<Detail, readonly string[]>> = {
  every: [
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
  ],
  settable: ["cntrltype", "ctrl_loss_tmo", "fast_io_fail_tmo", "reconnect_delay"],
  reported: ["cntrltype"],
};
const keyNames = ["dhchap_secret", "dhchap_ctrl_secret"] as const;

/** One controller below /sys/class/nvme, or undefined where it went. */
export async function observeController(
  system: System,
  directory: string,
  name: string,
  detail: Detail,
): Promise<FabricsController | undefined> {
  const [identity, way, attributes, keys] = await Promise.all([
    readAttributes(system, directory, ["state", "transport", "cntlid", "hostnqn", "hostid"]),
    readWay(system, directory),
    readAttributes(system, directory, attributeNames[detail]),
    readAttributes(system, directory, detail === "reported" ? [] : keyNames),
  ]);
  const { state, transport, cntlid, hostnqn, hostid } = identity;
  if (state === undefined || transport === undefined) return undefined;
  return {
    name,
    state,
    transport,
    ...way,
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

type Way = Pick<FabricsController, "address" | "serviceId" | "hostAddress" | "hostInterface">;

/**
 * Where a controller goes to. The file `address` would say it too, and from 6.1 on its own end of the socket: to ask for that
 * while the connection is being lost can crash the kernel (nvme_tcp_get_address; seen on 6.12.117). `uevent` is made of the
 * options alone. Kernels before 5.4 have nothing there, and no end of the socket in `address`.
 */
async function readWay(system: System, directory: string): Promise<Way> {
  const way = parseUevent((await readAttribute(system, `${directory}/uevent`)) ?? "");
  return way ?? parseControllerAddress((await readAttribute(system, `${directory}/address`)) ?? "");
}

/** Lines as NVME_TRADDR=10.0.0.1; what is not set is `none`. Undefined where there is no address among them. */
export function parseUevent(text: string): Way | undefined {
  const fields = new Map(text.split("\n").map((line) => splitOnce(line.trim())));
  const value = (name: string) => {
    const found = fields.get(name);
    return found === "none" || found === "" ? undefined : found;
  };
  if (!fields.has("NVME_TRADDR")) return undefined;
  const hostAddress = value("NVME_HOST_TRADDR");
  const hostInterface = value("NVME_HOST_IFACE");
  return {
    address: value("NVME_TRADDR") ?? "",
    serviceId: value("NVME_TRSVCID") ?? "",
    ...(hostAddress === undefined ? {} : { hostAddress }),
    ...(hostInterface === undefined ? {} : { hostInterface }),
  };
}

/** `traddr=10.0.0.1,trsvcid=4420,host_traddr=10.0.0.2,host_iface=eth0,src_addr=10.0.0.2`. */
export function parseControllerAddress(text: string): Way {
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
