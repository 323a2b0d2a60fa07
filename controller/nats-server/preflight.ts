import { connectBus } from "../../shared/bus/connection.ts";
import { systemClock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { controller } from "../../shared/protocol/subjects.ts";

/**
 * Proves that a nats-server refuses a client without credentials (some versions let one in under some configurations,
 * CVE-2023-47090). Throws `bus_auth` where it does not; `bus_lost` where it is not there.
 */
export async function refuseAnonymous(url: string): Promise<void> {
  const connected = await connectAnonymously(url);
  if (connected === undefined) return;
  await connected.connection.close();
  throw new FlashfleetError("bus_auth", `cannot use nats-server at ${url}: it lets in clients without credentials`, {
    hint: "start it with a token or with users, and on a newer version if it has them",
  });
}

async function connectAnonymously(url: string) {
  try {
    const name = "flashfleet preflight";
    return await connectBus({ url, name, principal: controller, clock: systemClock, random: Math.random });
  } catch (error) {
    if (error instanceof FlashfleetError && error.code === "bus_auth") return undefined;
    throw error;
  }
}
