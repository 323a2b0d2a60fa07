import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "../../shared/bus/connection.ts";
import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { subjects } from "../../shared/protocol/subjects.ts";
import { type Persistence, persist, requestTimeout } from "./persist.ts";

/** JetStream, as the streams and buckets of the store share it. */
export interface Store extends Persistence {
  connection: NatsConnection;
  streams: JetStreamClient;
  manager: JetStreamManager;
  /** Copies of each stream over the servers of a cluster. */
  replicas: number;
}

export const runStream = "FF_RUNS";

/**
 * The store behind a connection, with its run stream there. Throws `store_failed` where nats-server has no JetStream or
 * no room.
 */
export async function openStore(
  connection: NatsConnection,
  clock: Clock,
  { replicas = 1, onFailed }: { replicas?: number } & Pick<Persistence, "onFailed"> = {},
): Promise<Store> {
  if (connection.info?.jetstream !== true) {
    throw new FlashfleetError(
      "store_failed",
      `cannot keep anything in nats-server at ${connection.getServer()}: it has no JetStream`,
      {
        hint: "start it with -js, or leave out --nats and let flashfleet start its own",
      },
    );
  }
  const options = { timeout: requestTimeout };
  const manager = await persist({ clock }, "open JetStream", () => jetstreamManager(connection, options));
  const store = { connection, streams: jetstream(connection, options), manager, clock, replicas, onFailed };
  await persist(store, `open the stream ${runStream}`, () => ensureRunStream(store));
  return store;
}

async function ensureRunStream({ manager, replicas }: Store): Promise<void> {
  const config = {
    name: runStream,
    subjects: [subjects.everyRun],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // The truth of runs: full is an error, never the loss of the oldest.
    discard: DiscardPolicy.New,
    num_replicas: replicas,
  };
  // Adding a stream that is there with the same configuration changes nothing; another configuration is kept.
  const there = await manager.streams.info(runStream).then(
    () => true,
    () => false,
  );
  if (!there) await manager.streams.add(config);
}
