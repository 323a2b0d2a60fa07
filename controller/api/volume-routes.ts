import type { Clock } from "../../shared/clock.ts";
import { type ErrorData, FlashfleetError } from "../../shared/errors.ts";
import { Facts } from "../../shared/protocol/facts.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { isVolumeName, volumeTest } from "../fleet/chosen-volumes.ts";
import { type DriveView, drivesOf, holdersOf } from "../fleet/drives.ts";
import { type Explanation, explainNode, explainPairs } from "../fleet/explain.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { newsOf } from "../fleet/news.ts";
import { foreignOf, type Orphan, orphansOf } from "../fleet/orphans.ts";
import type { Specs } from "../fleet/specs.ts";
import { meantOnSeveral, type Survey, surveyOf } from "../fleet/survey.ts";
import type { Volumes } from "../fleet/volumes.ts";
import type { LabelledNode } from "../inventory/node-inventory.ts";
import { eachAtOnce } from "../run/each-at-once.ts";
import { chosenNodes } from "./chosen-nodes.ts";
import { factsOf } from "./facts-of.ts";
import type { Routes } from "./server.ts";
import type { DrivesAnswer, ExplainAnswer, VolumesAnswer } from "./volume-messages.ts";

interface Parts {
  fleet: Fleet;
  specs: Specs;
  volumes: Volumes;
  clock: Clock;
}

/** Specs that are read at once. */
const readsAtOnce = 64;
/** Nodes that are asked for their facts at once. */
const asksAtOnce = 500;

/** What the API answers about volumes. */
export function createVolumeRoutes(parts: Parts): Routes {
  return {
    "GET /v1/volumes": async ({ query }): Promise<VolumesAnswer> => {
      const pattern = query.get("pattern");
      const survey = surveyNow(parts);
      const { nodes, isChosen } = choose(parts, survey, pattern);
      const pairs = survey.pairs.filter(isChosen);
      const named = new Set(pairs.map(({ evidence }) => evidence.of.volume));
      return {
        pairs: pairs.map(({ verdict }) => verdict),
        volumes: [...named].map(({ v: _, pairs: __, ...volume }) => volume),
        orphans: (await orphansIn(parts, survey)).filter(({ node }) => nodes.has(node)),
      };
    },
    "GET /v1/explain": async ({ query }): Promise<ExplainAnswer> => ({
      explanations: explain(parts, query.get("subject") ?? ""),
    }),
    "GET /v1/drives": async ({ query }) => drivesOn(parts, query.get("pattern")),
  };
}

function surveyNow({ fleet, volumes, clock }: Parts): Survey {
  const now = clock.now();
  return surveyOf(
    volumes.all,
    fleet.nodes().map((node) => newsOf(node, now)),
  );
}

/** A node by its id, or volumes by their names. Throws `not_found` where it is neither. */
function explain(parts: Parts, subject: string): Explanation[] {
  const survey = surveyNow(parts);
  const isMeant = meantOnSeveral(parts.volumes.all.values());
  const node = knownNodes(parts).find(({ id }) => id === subject);
  if (node !== undefined) return explainNode(survey, NodeId.parse(node.id), isMeant);
  const isNamed = volumeTest(subject);
  const pairs = survey.pairs.filter(({ evidence }) => isNamed(evidence.of.volume));
  if (pairs.length > 0) return explainPairs(survey, pairs, isMeant);
  throw new FlashfleetError("not_found", `there is no volume or node ${subject}`, {
    hint: "flashfleet volumes and flashfleet nodes list them",
  });
}

/** Asks nodes for their drives. */
async function drivesOn({ fleet, volumes }: Parts, pattern: string | null): Promise<DrivesAnswer> {
  const enrolled = fleet.nodes().map(({ id, hello }) => ({ id, labels: hello.labels }));
  const names = chosenNodes(enrolled, pattern);
  const holderOf = holdersOf(volumes.all.values());
  const answers = new Map<string, DriveView[]>();
  const failed: DrivesAnswer["failed"] = [];
  const chosen = enrolled.filter(({ id }) => names.has(id));
  await eachAtOnce(chosen, asksAtOnce, async ({ id }) => {
    const { facts, error } = await factsOf(fleet, id);
    const parsed = Facts.safeParse(facts);
    if (parsed.success) answers.set(id, drivesOf(id, parsed.data.drives, holderOf, volumes.dirty));
    else failed.push({ node: id, error: error ?? unreadable(id) });
  });
  return { drives: chosen.flatMap(({ id }) => answers.get(id) ?? []), failed };
}

function unreadable(node: NodeId): ErrorData {
  return {
    code: "bad_message",
    message: `cannot read the facts of ${node}`,
    hint: "its agent is newer than this controller: upgrade the controller first",
  };
}

interface Choice {
  nodes: ReadonlySet<string>;
  isChosen(pair: Survey["pairs"][number]): boolean;
}

/** What a pattern names: volumes by name, or all that nodes have to do with. Throws `no_hosts` where it is neither. */
function choose(parts: Parts, { pairs }: Survey, pattern: string | null): Choice {
  const isNamed = pattern === null ? () => false : volumeTest(pattern);
  const hasNamed = pairs.some(({ evidence }) => isNamed(evidence.of.volume));
  const nodes = nodesNamed(parts, pattern, hasNamed);
  return {
    nodes,
    isChosen: ({ evidence: { of, pair } }) =>
      isNamed(of.volume) || nodes.has(pair.initiator) || of.volume.legs.some(({ target }) => nodes.has(target)),
  };
}

function nodesNamed(parts: Parts, pattern: string | null, hasNamed: boolean): ReadonlySet<string> {
  if (pattern !== null && isVolumeName(pattern)) {
    if (hasNamed) return new Set();
    throw new FlashfleetError("not_found", `there is no volume ${pattern}`, { hint: "flashfleet volumes lists them" });
  }
  try {
    return chosenNodes(knownNodes(parts), pattern);
  } catch (error) {
    if (hasNamed) return new Set();
    throw error;
  }
}

/** The enrolled nodes, and those that volumes have been given to or lie on: they may have to say hello yet. */
function knownNodes({ fleet, volumes }: Parts): LabelledNode[] {
  const known = new Map<string, LabelledNode>();
  for (const { legs, pairs } of volumes.all.values())
    for (const id of [...legs.map(({ target }) => target), ...pairs.map(({ initiator }) => initiator)])
      known.set(id, { id, labels: {} });
  for (const { id, hello } of fleet.nodes()) known.set(id, { id, labels: hello.labels });
  return [...known.values()];
}

async function orphansIn({ specs, volumes }: Parts, { nodes }: Survey): Promise<Orphan[]> {
  const nqns = new Set([...volumes.all.values()].map(({ nqn }) => nqn));
  const foreign = nodes.flatMap((news) => {
    const found = foreignOf(news, (nqn) => nqns.has(nqn));
    return found.length === 0 ? [] : [{ news, found }];
  });
  const orphans: Orphan[] = [];
  await eachAtOnce(foreign, readsAtOnce, async ({ news, found }) => {
    orphans.push(...orphansOf(news, found, await specs.kept(news.id), volumes.all));
  });
  return orphans.toSorted((a, b) => (a.says < b.says ? -1 : 1));
}
