import type { Act } from "../row.ts";
import { link, mkdir, rmdir, unlink, write } from "../rows/acts.ts";
import type { Draw, Move, Moves } from "./draw.ts";
import type { Rough } from "./rough.ts";
import * as words from "./vocabulary.ts";

/*
 * What is done to a target. Most of it is what people do, so that walks go deep; some of it is wrong.
 */

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Now and then what must go first goes first. */
function emptied(draw: Draw, rough: Rough, path: string): Act[] {
  if (draw.chance(0.5)) return [rmdir(path)];
  const links = rough.portLinks.filter((each) => nameOf(each) === nameOf(path)).map((each) => unlink(each));
  const below = rough
    .below(path)
    .map((each) => (/\/(allowed_hosts|subsystems)\/[^/]+$/.test(each) ? unlink(each) : rmdir(each)));
  return [...links, ...below, rmdir(path)];
}

const makeSubsystem: Move = (draw) => [
  mkdir(`subsystems/${draw.usually(words.subsystemNames, words.oddSubsystemNames)}`),
];

const makeNamespace: Move = (draw, rough) => {
  const subsystem = draw.maybe(rough.subsystems);
  if (subsystem === undefined) return [];
  const at = `${subsystem}/namespaces/${draw.usually(words.nsids, words.oddNsids)}`;
  return [
    mkdir(at),
    ...(draw.chance(0.85)
      ? [write(`${at}/device_path`, draw.pick(words.namespaceValues.device_path?.good ?? []))]
      : []),
    ...(draw.chance(0.7) ? [write(`${at}/device_uuid`, draw.pick(words.chosenUuids))] : []),
    ...(draw.chance(0.85) ? [write(`${at}/enable`, "1")] : []),
  ];
};

const makeHost: Move = (draw) => [mkdir(`hosts/${draw.pick(words.hostPairs).hostnqn}`)];

const allow: Move = (draw, rough) => {
  const [subsystem, host] = [draw.maybe(rough.subsystems), draw.maybe(rough.hosts)];
  if (subsystem === undefined || host === undefined) return [];
  return [link(`${subsystem}/allowed_hosts/${draw.usually([nameOf(host)], ["other"])}`, host)];
};

const makePort: Move = (draw) => {
  const at = `ports/${draw.usually(words.portIds, words.oddPortIds)}`;
  const { adrfam, traddr } = draw.pick(words.addresses);
  const values = {
    addr_trtype: "tcp",
    addr_adrfam: adrfam,
    addr_traddr: traddr,
    addr_trsvcid: draw.pick(words.services),
  };
  const writes = Object.entries(values).map(([name, value]) => write(`${at}/${name}`, value));
  return [mkdir(at), ...writes.filter(() => draw.chance(0.97))];
};

const linkPort: Move = (draw, rough) => {
  const [subsystem, port] = [draw.maybe(rough.subsystems), draw.maybe(rough.ports)];
  if (subsystem === undefined || port === undefined) return [];
  return [link(`${port}/subsystems/${draw.usually([nameOf(subsystem)], ["other"])}`, subsystem)];
};

const makeAnaGroup: Move = (draw, rough) => {
  const port = draw.maybe(rough.ports);
  return port === undefined
    ? []
    : [mkdir(`${port}/ana_groups/${draw.usually(words.anaGroupIds, words.oddAnaGroupIds)}`)];
};

const makeReferral: Move = (draw, rough) => {
  const port = draw.maybe(rough.ports);
  return port === undefined ? [] : [mkdir(`${port}/referrals/${draw.pick(["r", "other one"])}`)];
};

const makeFile: Move = (draw) => [
  { act: "replace", path: draw.pick(words.files), content: "f".repeat(draw.pick(words.fileSizes)) },
];

/** A write to one attribute of one of some directories. */
const writeTo =
  (places: (rough: Rough) => readonly string[], table: words.Table): Move =>
  (draw, rough) => {
    const at = draw.maybe(places(rough));
    return at === undefined ? [] : [draw.writing(at, table)];
  };

const remove =
  (places: (rough: Rough) => readonly string[]): Move =>
  (draw, rough) => {
    const path = draw.maybe(places(rough));
    return path === undefined ? [] : emptied(draw, rough, path);
  };

const drop =
  (places: (rough: Rough) => readonly string[]): Move =>
  (draw, rough) => {
    const path = draw.maybe(places(rough));
    return path === undefined ? [] : [unlink(path)];
  };

export const targetMoves: Moves = [
  [5, makeSubsystem],
  [3, remove((rough) => rough.subsystems)],
  [9, writeTo((rough) => rough.subsystems, words.subsystemValues)],
  [7, makeNamespace],
  [4, remove((rough) => rough.namespaces)],
  [9, writeTo((rough) => rough.namespaces, words.namespaceValues)],
  [8, writeTo((rough) => rough.namespaces, { enable: { good: ["0", "1"], bad: ["x"] } })],
  [3, makeHost],
  [2, remove((rough) => rough.hosts)],
  [2, writeTo((rough) => rough.hosts, words.hostValues)],
  [5, allow],
  [3, drop((rough) => rough.allowed)],
  [4, makePort],
  [2, remove((rough) => rough.ports)],
  [5, writeTo((rough) => rough.ports, words.portValues)],
  [7, linkPort],
  [4, drop((rough) => rough.portLinks)],
  [3, makeAnaGroup],
  [2, remove((rough) => rough.anaGroups)],
  [5, writeTo((rough) => rough.anaGroups, words.anaValues)],
  [2, makeReferral],
  [1, remove((rough) => rough.referrals)],
  [4, writeTo((rough) => rough.referrals, words.referralValues)],
  [1, (draw) => [write("discovery_nqn", draw.pick(words.discoveryNqns))]],
  [2, makeFile],
  [1, (draw) => [unlink(draw.pick(words.files))]],
];
