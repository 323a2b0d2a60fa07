import type { Act } from "../row.ts";
import { connect, link, mkdir, read, rmdir, unlink, write } from "../rows/acts.ts";
import { asHost, key } from "../rows/states.ts";
import type { Draw, Move, Moves } from "./draw.ts";
import type { Rough } from "./rough.ts";
import * as words from "./vocabulary.ts";

/*
 * What is done to an initiator, to modules, and by mistake.
 */

/** Mostly to something that a port has, as somebody who is allowed. */
const connectSomething: Move = (draw, rough) => {
  const listening = rough.portLinks.filter((path) => isReached(rough, path));
  if (listening.length === 0 && draw.chance(0.8)) return [];
  const [, port = "ports/1", linked = draw.pick(words.subsystemNames)] =
    /^(.*)\/subsystems\/(.*)$/.exec(draw.maybe(listening) ?? "") ?? [];
  const [listens, service] = [rough.written(`${port}/addr_traddr`), rough.written(`${port}/addr_trsvcid`)];
  const at = {
    traddr: words.destinations.find((each) => each === listens) ?? draw.pick(words.destinations),
    trsvcid: words.services.find((each) => each === service) ?? draw.pick(words.services),
  };
  const nqn = draw.usually([linked], [...words.subsystemNames, ...words.discoveryNqns]);
  const allowed = rough.allowed.filter((path) => path.startsWith(`subsystems/${linked}/`));
  const hosts = words.hostPairs.filter(({ hostnqn }) => allowed.some((path) => path.endsWith(`/${hostnqn}`)));
  const pair = draw.usually(hosts.length === 0 ? words.hostPairs : hosts, words.hostPairs);
  const to = draw.chance(0.9) ? at : { traddr: draw.pick(words.destinations), trsvcid: draw.pick(words.services) };
  const options = {
    ...asHost,
    ...pair,
    nqn,
    ...to,
    ctrl_loss_tmo: lossTimeoutOf(to),
    ...(draw.chance(0.3) && { duplicate_connect: true as const }),
    ...(draw.chance(0.1) && { dhchap_secret: key }),
    ...(draw.chance(0.2) && draw.pick(oddOptions)),
  };
  return [connect(options)];
};

/** One of its own for each destination, by which a controller is known where nobody reads its address. */
function lossTimeoutOf({ traddr, trsvcid }: { traddr: string; trsvcid: string }): number {
  return 600 + words.destinations.indexOf(traddr) * words.services.length + words.services.indexOf(trsvcid);
}

/** Whether a link's port listens at a loopback address, as far as is known. */
function isReached(rough: Rough, portLink: string): boolean {
  const [port = ""] = portLink.split("/subsystems/");
  const written = (name: string) => rough.written(`${port}/${name}`);
  return written("addr_trtype") === "tcp" && words.destinations.some((each) => each === written("addr_traddr"));
}

const oddOptions = [
  { ctrl_loss_tmo: 2 },
  { fast_io_fail_tmo: 3 },
  { queue_size: 16 },
  { queue_size: 1024 },
  { queue_size: 15 },
  { nr_io_queues: 0 },
  { keep_alive_tmo: 10 },
  { keep_alive_tmo: -1 },
  { hostid: words.hostPairs[1]?.hostid ?? "" },
  { hostid: "x" },
  { traddr: "localhost" },
  { trsvcid: "x" },
  { trsvcid: "4422" },
  { transport: "bogus" },
  { host_traddr: "127.0.0.1" },
  { host_traddr: "192.0.2.55" },
  { host_traddr: "x" },
  { host_iface: "nope" },
  { host_iface: "lo" },
  { bogus: 1 },
  { discovery: true },
  { hdr_digest: true, data_digest: true },
] as const;

const someController = (draw: Draw) => `@controller#${draw.upTo(1)}`;

const onController =
  (name: string): Move =>
  (draw, rough) =>
    rough.connects.length === 0 ? [] : [write(`${someController(draw)}/${name}`, "1")];

const tune: Move = (draw, rough) =>
  rough.connects.length === 0 ? [] : [draw.writing(someController(draw), words.controllerValues)];

const dial: Move = (draw) => [
  { act: "dial", address: draw.pick(words.destinations), port: Number(draw.pick(words.services)) },
];

const modules = ["nvmet", "nvmet-tcp", "nvme-tcp", "nvme-fabrics"];

/** A module that somebody takes away comes back soon, or nothing more would happen. */
const unloadAndLoad: Move = (draw) => {
  const acts: Act[] = [{ act: "unload", module: draw.pick(modules) }];
  for (const module of ["nvmet", "nvme-tcp"]) acts.push({ act: "modprobe", module });
  return acts;
};

/** Anything anywhere. */
const wild: Move = (draw, rough) => {
  const path = draw.pick([...wildPaths, ...rough.all, ...rough.all, ...rough.all.map((each) => `${each}/x`)]);
  const attribute = draw.chance(0.5) ? path : `${path}/${draw.pick(attributes)}`;
  switch (draw.upTo(7)) {
    case 0:
      return [mkdir(path)];
    case 1:
      return [rmdir(attribute)];
    case 2:
      return [unlink(attribute)];
    case 3:
      return [link(path, draw.pick(["/run", "/nowhere", "hosts/nobody", ...rough.all, ...wildPaths]))];
    case 4:
      return [write(attribute, draw.pick(["1", "x", "\n", "0", "m".repeat(300)]))];
    case 5:
      return [read(attribute)];
    case 6:
      return [{ act: draw.pick(["list", "readlink", "realpath"] as const), path: attribute }];
    default:
      return [{ act: "openExclusive", path: draw.pick(["/dev/nvme0n1", "/dev/nvme1n1", "/dev/absent"]) }];
  }
};

const attributes = [
  ...["enable", "device_path", "attr_serial", "addr_traddr", "ana_state", "revalidate_size"],
  ...["namespaces", "allowed_hosts", "subsystems", "ana_groups", "referrals", "nope"],
];
const wildPaths = ["", "subsystems", "hosts", "ports", "nope", "subsystems/nope", "ports/1/nope", "hosts/nope/x"];

export const hostMoves: Moves = [
  [9, connectSomething],
  [3, onController("delete_controller")],
  [2, onController("reset_controller")],
  [1, onController("rescan_controller")],
  [2, tune],
  [1, (draw) => [write("@subsystem/iopolicy", draw.pick(["round-robin", "numa", "queue-depth", "foo"]))]],
  [2, dial],
  [1, unloadAndLoad],
  [8, wild],
];
