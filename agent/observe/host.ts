import type { System } from "../system/system.ts";
import type { ObservedHost } from "./observed.ts";
import { ifThere } from "./tolerant.ts";

/** The files that nvme-cli and libnvme share. */
export async function observeHost(system: System): Promise<ObservedHost> {
  const [hostnqn, hostid] = await Promise.all([
    firstWord(system, "/etc/nvme/hostnqn"),
    firstWord(system, "/etc/nvme/hostid"),
  ]);
  return { ...(hostnqn === "" ? {} : { hostnqn }), ...(hostid === "" ? {} : { hostid }) };
}

async function firstWord(system: System, path: string): Promise<string> {
  return (await ifThere(system.read(path)))?.trim().split(/\s/, 1)[0] ?? "";
}
