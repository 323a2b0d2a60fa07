import { FlashfleetError } from "../../../shared/errors.ts";
import { canonicalAddress } from "../../../shared/nvme/address.ts";
import { nothing } from "../../observe/focus.ts";
import { hostsAt } from "../../observe/hosts-at.ts";
import { observe } from "../../observe/observe.ts";
import type { ActionContext } from "../action.ts";

/** A listener of this node, with the hosts that would lose it. */
interface Loss {
  /** `ADDRESS:PORT` */
  listener: string;
  /** Addresses; undefined where the kernel does not show who is connected. */
  hosts: string[] | undefined;
}

/**
 * Throws `device_in_use` where hosts are connected to what this node exports, other than this node itself and those that
 * `allowed` names: by their address, or all of a listener by its `ADDRESS:PORT`.
 */
export async function insistOnNobodyCutOff(
  { system, deadline }: ActionContext,
  allowed: ReadonlySet<string>,
): Promise<void> {
  const [{ nvmet }, addresses] = await Promise.all([observe(system, ["nvmet"], nothing), system.addresses()]);
  const spared = new Set([...allowed, ...addresses.map(({ address }) => address)].map(canonicalAddress));
  const losses: Loss[] = [];
  for (const { attributes, links } of nvmet.ports) {
    const { addr_traddr: address = "", addr_trsvcid: port = "", addr_trtype: transport = "" } = attributes;
    const listener = `${address}:${port}`;
    if (links.length === 0 || transport === "loop" || allowed.has(listener)) continue;
    const all = await hostsAt(system, { transport, address, port: Number(port) }, deadline);
    const hosts = all?.filter((host) => !spared.has(canonicalAddress(host)) && !host.startsWith("127."));
    if (hosts === undefined || hosts.length > 0) losses.push({ listener, hosts });
  }
  if (losses.length === 0) return;
  const named = losses.map(({ listener, hosts }) =>
    hosts === undefined ? `who is connected to ${listener} cannot be seen` : `${hosts.join(", ")} to ${listener}`,
  );
  const overrides = losses.map(({ listener }) => JSON.stringify(listener)).join(", ");
  throw new FlashfleetError(
    "device_in_use",
    `cannot reboot: hosts are connected, and no other live path of theirs is known: ${named.join("; ")}`,
    {
      hint: `disconnect them, or give them another path; to cut them off all the same, say override: [${overrides}] in the task`,
    },
  );
}
