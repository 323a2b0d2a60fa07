import { canonicalAddress } from "../../../shared/nvme/address.ts";

/** Where packets go that have no nearer way. */
export interface DefaultRoute {
  interface: string;
  /** Missing where the other end is the link itself. */
  gateway?: string;
}

interface Row extends DefaultRoute {
  metric: number;
}

/** RTF_UP and RTF_REJECT of linux/route.h. */
const up = 0x1;
const reject = 0x200;

/** /proc/net/route (proc_pid_net(5)): of the default routes the one that counts. */
export function parseRoute4(text: string): DefaultRoute | undefined {
  return best(
    text.split("\n").flatMap((line): Row[] => {
      const [name = "", destination, gateway = "", flags = "0", , , metric, mask] = line.trim().split(/\s+/);
      if (destination !== "00000000" || mask !== "00000000" || !isUsable(flags)) return [];
      const bytes = gateway.match(/../g)?.reverse() ?? [];
      const address = bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
      return [{ interface: name, ...(address === "0.0.0.0" ? {} : { gateway: address }), metric: Number(metric) }];
    }),
  );
}

/** /proc/net/ipv6_route: destination, prefix, source, prefix, next hop, metric, two counters, flags, interface. */
export function parseRoute6(text: string): DefaultRoute | undefined {
  return best(
    text.split("\n").flatMap((line): Row[] => {
      const [destination = "", prefix, , , hop = "", metric = "0", , , flags = "0", name = ""] = line
        .trim()
        .split(/\s+/);
      if (!/^0{32}$/.test(destination) || prefix !== "00" || name === "lo" || !isUsable(flags)) return [];
      const gateway = /^0*$/.test(hop) ? {} : { gateway: canonicalAddress(hop.match(/.{4}/g)?.join(":") ?? "") };
      return [{ interface: name, ...gateway, metric: Number.parseInt(metric, 16) }];
    }),
  );
}

function isUsable(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & up) !== 0 && (bits & reject) === 0;
}

function best(rows: readonly Row[]): DefaultRoute | undefined {
  const [first] = [...rows].sort((a, b) => a.metric - b.metric);
  if (first === undefined) return undefined;
  const { metric: _, ...route } = first;
  return route;
}
