import { openStore, type Store } from "../../../controller/store/store.ts";
import { connectBus } from "../../../shared/bus/connection.ts";
import { systemClock } from "../../../shared/clock.ts";
import { controller } from "../../../shared/protocol/subjects.ts";
import { startTestServer, type TestServer } from "../../support/nats-server.ts";

export interface StoreHarness extends AsyncDisposable {
  nats: TestServer;
  store: Store;
  /** Kills nats-server and resolves when the store's connection is back. */
  kill(): Promise<void>;
}

export async function startStore(): Promise<StoreHarness> {
  const nats = await startTestServer();
  const { url, token } = nats.server;
  const clock = systemClock;
  const options = { url, token, name: "test", principal: controller, clock, random: Math.random };
  const store = await openStore((await connectBus(options)).connection, clock);
  return {
    nats,
    store,
    kill: async () => {
      const back = (async () => {
        for await (const { type } of store.connection.status()) if (type === "reconnect") return;
      })();
      process.kill(nats.server.pid ?? 0, "SIGKILL");
      await back;
    },
    [Symbol.asyncDispose]: async () => {
      await store.connection.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}
