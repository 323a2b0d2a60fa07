import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, resolveAddress, shareToken } from "../shared/bus/credentials.ts";
import { connectNatsBus, type NatsBus } from "../shared/bus/nats.ts";
import { systemClock } from "../shared/clock.ts";
import { FlashfleetError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { Spec } from "../shared/protocol/spec.ts";
import { controller as principal } from "../shared/protocol/subjects.ts";
import { createRoutes } from "./api/routes.ts";
import { claimSocket, serveApi } from "./api/server.ts";
import { apiSocket, type Environment } from "./config.ts";
import { Fleet } from "./fleet/fleet.ts";
import { Specs } from "./fleet/specs.ts";
import { Volumes } from "./fleet/volumes.ts";
import { findNatsServer } from "./nats-server/find.ts";
import { filesOf } from "./nats-server/owner.ts";
import { refuseAnonymous } from "./nats-server/preflight.ts";
import { type NatsServer, startNatsServer } from "./nats-server/supervise.ts";
import { versionWarning } from "./nats-server/version.ts";
import { DirtyDrive, Volume } from "./pairing/volume.ts";
import { RunEntry } from "./run/entry.ts";
import { KeptRequests } from "./run/kept-requests.ts";
import { KeptResults } from "./run/kept-results.ts";
import { KeptSecrets } from "./run/kept-secrets.ts";
import { Runs } from "./run/runs.ts";
import { buckets, openBucket } from "./store/bucket.ts";
import { readOrMake } from "./store/private-file.ts";
import { RunStream } from "./store/run-stream.ts";
import { openStore } from "./store/store.ts";
import { openVault, Sealed } from "./store/vault.ts";

export interface ControllerOptions {
  data: string;
  /** An address of a nats-server that is looked after elsewhere; undefined: our own. */
  nats: string | undefined;
  tokenFile: string | undefined;
  environment: Environment;
  log: Logger;
  /** For people: what takes a while, and what they need to know. */
  say(text: string): void;
}

export interface Controller {
  /** Where agents connect to; without the token. */
  url: string;
  /** The file that holds the bus's token, where the controller made it. */
  tokenFile: string | undefined;
  socket: string;
  close(): Promise<void>;
}

/** Starts a controller: its nats-server unless one is named, its store, its fleet, its API. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { data, log } = options;
  const clock = systemClock;
  await makeDirectory(data);
  // Before anything is answered: a second controller must not take over the nodes' sessions, if only for a moment.
  await claimSocket(apiSocket(data));
  const opened: (() => Promise<void> | void)[] = [];
  /** One that cannot be closed must not keep the others open: a nats-server would be left behind. */
  const close = async () => {
    for (const each of opened.splice(0).reverse()) {
      try {
        await each();
      } catch (error) {
        log.error({ err: error }, "cannot close everything");
      }
    }
  };
  try {
    const { address, server } = await connectTo(options);
    if (server !== undefined) opened.push(() => server.close());
    const bus = await connectNatsBus({
      url: address.url,
      token: address.token,
      name: "controller",
      principal,
      clock,
      random: Math.random,
      onBadMessage: ({ subject, error }) => log.warn({ subject, code: error.code }, error.message),
    });
    opened.push(() => bus.close());
    warnOfVersion(bus, options);
    const store = await openStore(bus.connection, clock, { onFailed: (error) => server?.restart(error) });
    const vault = await openVault(join(data, "controller.key"));
    const secretKey = await readOrMake(join(data, "versions.key"), () => randomBytes(32));
    const fleet = new Fleet({ bus, clock, log, bootId: await ownBootId() });
    opened.push(() => fleet.close());
    const volumes = await Volumes.open({
      volumes: await openBucket(store, buckets.volumes, Volume),
      dirty: await openBucket(store, buckets.volumes, DirtyDrive),
    });
    const specs = new Specs(await openBucket(store, buckets.specs, Spec), fleet, (name) => volumes.all.has(name));
    const runs = new Runs({
      fleet,
      volumes,
      deriveKey: (purpose) => vault.derive(purpose),
      specs,
      stream: new RunStream(store, RunEntry),
      requests: new KeptRequests(await openBucket(store, buckets.projects, Sealed), vault),
      secretKey,
      keptResults: new KeptResults(vault),
      keptSecrets: new KeptSecrets(await openBucket(store, buckets.state, Sealed), vault),
      clock,
      log,
      randomId: () => randomBytes(4).toString("hex"),
    });
    opened.push(() => runs.close());
    await runs.resumeUnfinished();
    const api = await serveApi(apiSocket(data), createRoutes({ fleet, runs, specs, volumes, clock }), log);
    // Who follows a run sees its end before the connection ends.
    opened.push(async () => {
      api.refuse();
      await runs.close();
      await api.close();
    });
    return {
      url: address.url,
      tokenFile: server === undefined ? undefined : filesOf(join(data, "nats")).token,
      socket: apiSocket(data),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectTo({
  data,
  nats,
  tokenFile,
  environment,
  say,
}: ControllerOptions): Promise<{ address: Address; server?: NatsServer }> {
  if (nats !== undefined) {
    const address = await resolveAddress(nats, environment, tokenFile);
    await refuseStrangers(address.url, say);
    return { address };
  }
  const program = await findNatsServer({
    explicit: environment.natsServer,
    path: environment.path,
    caches: [join(environment.cache, "nats-server")],
    say,
  });
  say(`nats-server ${program.version} (${program.program})`);
  const server = await startNatsServer({
    program,
    directory: join(data, "nats"),
    onTrouble: (error) => say(`nats-server: ${error.message}`),
  });
  try {
    // Agents of the same user on this machine find the token by the address alone.
    await shareToken(environment, server.url, server.token);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`warning: agents here need --token-file: cannot leave the token for them: ${reason}`);
  }
  return { address: { url: server.url, token: server.token }, server };
}

/** A server that lets everybody in is refused; on this machine alone, for trying things out, it is warned of. */
async function refuseStrangers(url: string, say: (text: string) => void): Promise<void> {
  try {
    await refuseAnonymous(url);
  } catch (error) {
    const { hostname } = new URL(url);
    const here = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
    if (!here || !(error instanceof FlashfleetError) || error.code !== "bus_auth") throw error;
    say(`warning: nats-server at ${url} lets in anybody on this machine, who can then steer the fleet`);
  }
}

function warnOfVersion(bus: NatsBus, { say }: ControllerOptions): void {
  const version = bus.connection.info?.version;
  const warning = version === undefined ? undefined : versionWarning(version);
  if (warning !== undefined) say(warning);
}

async function makeDirectory(data: string): Promise<void> {
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FlashfleetError(
      "data_directory",
      `cannot create the data directory ${data}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "give another one with --data DIR, or run as root",
        cause,
      },
    );
  }
}

/** Of the machine that this runs on; undefined where there is none to be read. */
async function ownBootId(): Promise<string | undefined> {
  const text = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  return text?.trim();
}
