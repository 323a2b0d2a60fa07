import { renderEndpoint } from "../../shared/nvme/address.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Condition } from "../../shared/protocol/report.ts";
import { entryKey } from "../../shared/protocol/spec.ts";
import { formatSize } from "../../shared/size.ts";
import { stayingPorts } from "../pairing/resources.ts";
import { remedyFor } from "./explain-conditions.ts";
import { type NodeNews, neverHeard, silence } from "./news.ts";
import type { LegEvidence, PairEvidence } from "./pair-evidence.ts";
import type { PairHealth } from "./volume-health.ts";

/** What a pair is explained from. */
export interface Known {
  evidence: PairEvidence;
  verdict: PairHealth;
  /** What is there twice in the fleet, and stands in the way of this connection. */
  conflict: { message: string; hint?: string | undefined } | undefined;
}

/** Why something is as it is, and what to do about it. */
export interface Cause {
  /** The node to look at. */
  at: NodeId;
  cause: string;
  remedy: string;
}

/** A rule finds its cause, or leaves it to the ones below: a down node hides what follows from it. */
export type Rule = (known: Known) => Cause | undefined;

export function silentCause(node: NodeId, news: NodeNews | undefined): Cause | undefined {
  const remedy = `is ${node} up? systemctl status flashfleet-agent there; does it reach nats-server (its log says)? Data may flow all the same`;
  if (news?.report === undefined) return { at: node, cause: neverHeard(node), remedy };
  return news.silentFor === undefined ? undefined : { at: node, cause: silence(node, news.silentFor), remedy };
}

/** A path that is not live is a condition of its initiator, too: what it comes from is found elsewhere. */
export function isConsequence({ code }: Condition): boolean {
  return code === "not_converging";
}

export function conditionCause(node: NodeId, condition: Condition): Cause {
  return { at: node, cause: `${node} says: ${condition.message}`, remedy: remedyFor(node, condition) };
}

function firstOf<T>(items: readonly T[], find: (item: T) => Cause | undefined): Cause | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const anyLeg =
  (find: (leg: LegEvidence, known: Known) => Omit<Cause, "at"> | undefined): Rule =>
  (known) =>
    firstOf(known.evidence.of.legs, (leg) => {
      const found = find(leg, known);
      return found === undefined ? undefined : { at: leg.leg.target, ...found };
    });

const inDoubt: Rule = ({ evidence: { of, pair, initiator } }) => {
  const doubt = pair.open?.doubt;
  if (doubt === undefined) return undefined;
  const ends = [
    { node: pair.initiator, news: initiator },
    ...of.legs.map(({ leg, target }) => ({ node: leg.target, news: target })),
  ];
  const gone = ends.find(({ node, news }) => silentCause(node, news) !== undefined);
  const cause = `it is in doubt: ${doubt}`;
  if (gone === undefined)
    return {
      at: pair.initiator,
      cause,
      remedy:
        "run the playbook again, which brings it to an end; an end that is gone for good is given up with --abandon NODE",
    };
  return {
    at: gone.node,
    cause: `${cause}; it waits for ${gone.node}`,
    remedy: `run the playbook again when ${gone.node} is back, or give that end up: --abandon ${gone.node}`,
  };
};

const underWay: Rule = ({ evidence: { pair } }) => {
  const { initiator: at, open, ready } = pair;
  if (open !== undefined)
    return {
      at,
      cause: `a run is ${open.does === "make" ? "making" : "removing"} it`,
      remedy: "flashfleet runs shows it; where there is none it was cancelled: run the playbook again",
    };
  if (ready) return undefined;
  return { at, cause: "it has its drive, and was never made, or was undone", remedy: "run its playbook" };
};

const targetSilent: Rule = anyLeg(({ leg, target }) => silentCause(leg.target, target));

const targetCondition: Rule = anyLeg(({ leg, target }, { evidence: { of, pair } }) => {
  const { nqn, transport } = of.volume;
  const keys = new Set([
    entryKey("nvmet_subsystem", nqn),
    entryKey("nvmet_host", pair.hostnqn ?? ""),
    ...leg.ports.map(({ address, service_id: serviceId }) =>
      entryKey("nvmet_port", renderEndpoint({ transport, address, serviceId })),
    ),
  ]);
  const found = target?.report?.conditions.find(({ resource }) => resource === undefined || keys.has(resource));
  return found && conditionCause(leg.target, found);
});

const notExported: Rule = anyLeg(({ leg: { target }, exported }) =>
  exported !== undefined
    ? undefined
    : {
        cause: `${target} does not export it`,
        remedy: `its agent exports it again from its spec within a minute; else run the pair play, and look at journalctl -u flashfleet-agent on ${target}`,
      },
);

const namespaceOff: Rule = anyLeg(({ leg: { target }, exported }, { evidence: { of } }) => {
  const { nsid } = of.volume;
  const own = exported?.namespaces.find((each) => each.nsid === nsid);
  const remedy = "run the pair play again: it makes and enables it, where the drive behind it is free and the same";
  if (own === undefined) return { cause: `${target} has no namespace ${nsid} in it`, remedy };
  if (!own.enabled) return { cause: `namespace ${nsid} is disabled on ${target}`, remedy };
  if (own.size !== undefined) return undefined;
  return {
    cause: `${own.device}, which it lies on, is not on ${target} any more`,
    remedy: `dmesg on ${target} says what became of the drive; its agent exports it again when it is back`,
  };
});

const notListening: Rule = anyLeg(({ leg: { target, ports }, exported }) => {
  for (const { address, service_id, leaving } of ports) {
    if (leaving) continue;
    const port = exported?.ports.find((each) => each.address === address && each.serviceId === service_id);
    if (port === undefined)
      return {
        cause: `${target} does not export it at ${address}:${service_id}`,
        remedy: "its agent links it again from its spec; else run the pair play",
      };
    if (!port.listening)
      return {
        cause: `${target} has it linked at ${address}:${service_id}, and does not listen there`,
        remedy: `on ${target}: is ${address} still there (ip -br address), and does anything else listen (ss -tln)?`,
      };
  }
  return undefined;
});

const initiatorSilent: Rule = ({ evidence: { pair, initiator } }) => silentCause(pair.initiator, initiator);

const conflict: Rule = ({ conflict: found, evidence: { pair } }) =>
  found && { at: pair.initiator, cause: found.message, remedy: found.hint ?? "flashfleet health has the details" };

const shutOut: Rule = anyLeg(({ leg, exported, allowed }, { evidence: { pair } }) => {
  const { hostnqn, initiator } = pair;
  if (exported === undefined || exported.allowAnyHost || hostnqn === undefined || allowed.has(hostnqn))
    return undefined;
  return {
    cause: `${leg.target} does not let ${initiator} in: ${hostnqn} is not among its allowed hosts`,
    remedy: "run the pair play again: it lets it in, and connects it where the kernel has given up",
  };
});

const initiatorCondition: Rule = ({ evidence: { of, pair, initiator } }) => {
  const key = entryKey("nvme_connection", of.volume.nqn);
  const found = initiator?.report?.conditions.find(
    (each) => !isConsequence(each) && (each.resource === undefined || each.resource === key),
  );
  return found && conditionCause(pair.initiator, found);
};

const notConnected: Rule = ({ evidence: { pair, connection } }) =>
  connection !== undefined
    ? undefined
    : {
        at: pair.initiator,
        cause: `${pair.initiator} is not connected to it, and its spec does not have it`,
        remedy: "run the pair play again: it connects it",
      };

const pathDown: Rule = ({ evidence: { of, pair, connection } }) => {
  for (const { leg } of of.legs) {
    for (const { address, service_id, leaving } of leg.ports) {
      if (leaving) continue;
      const path = connection?.paths.find((each) => each.address === address && each.serviceId === service_id);
      if (path?.state === "live") continue;
      const where = `the path from ${pair.initiator} to ${address}:${service_id} of ${leg.target}`;
      return path === undefined
        ? {
            at: pair.initiator,
            cause: `${where} is missing, and ${leg.target} listens: the kernel gave it up, or somebody disconnected it`,
            remedy: `the agent of ${pair.initiator} connects it again; where it cannot, dmesg there says why`,
          }
        : {
            at: pair.initiator,
            cause: `${where} is ${path.state}, and ${leg.target} listens: it is the network between, or the target refuses it`,
            remedy: `ping from ${pair.initiator} to ${address}, then MTU, firewalls and switch ports; dmesg on both ends`,
          };
    }
  }
  return undefined;
};

/** What the judge found beside that: no block device, ANA, another uuid or size, what differs from what was given out. */
const whatElse: Rule = ({ evidence: { pair, of }, verdict: { state, reasons } }) => {
  const [cause] = reasons;
  if (state === "healthy" || cause === undefined) return undefined;
  const target = of.legs.find(({ leg }) => cause.includes(leg.target))?.leg.target;
  return {
    at: target ?? pair.initiator,
    cause,
    remedy:
      state === "drifted"
        ? "it works: run the pair play to have it as it was given out, or undo by hand what was done by hand"
        : "flashfleet plan with its playbook says what differs, run mends it; operations.md has a table of reasons",
  };
};

const healthy: Rule = ({ evidence: { pair, of }, verdict: { paths, targets, reasons } }) => {
  const ports = stayingPorts(of.volume).map(({ address, service_id }) => `${address}:${service_id}`);
  const figures = `${paths.live} of ${paths.expected} paths live (${ports.join(", ")}), ${formatSize(of.volume.size)} on ${targets.join(", ")}`;
  return { at: pair.initiator, cause: [`nothing is wrong: ${figures}`, ...reasons].join("; "), remedy: "" };
};

/** In the order in which they are tried. */
export const rules = {
  "in doubt": inDoubt,
  "under way": underWay,
  "target silent": targetSilent,
  "target says": targetCondition,
  "not exported": notExported,
  "namespace off": namespaceOff,
  "not listening": notListening,
  "initiator silent": initiatorSilent,
  "there twice": conflict,
  "shut out": shutOut,
  "initiator says": initiatorCondition,
  "not connected": notConnected,
  "path down": pathDown,
  "what else": whatElse,
  healthy,
} as const satisfies Record<string, Rule>;
