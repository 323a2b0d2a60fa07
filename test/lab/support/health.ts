import * as z from "zod";
import { HealthAnswer } from "../../../controller/api/messages.ts";
import type { Millis } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import { timed } from "../lab-test.ts";
import type { ControllerProcess } from "./controller-process.ts";

export type ConnectionHealth = HealthAnswer["connections"][number];

const Line = z.looseObject({ is: z.enum(["connection", "node"]) });
const Connection = HealthAnswer.shape.connections.element;
const WITHIN: Millis = 120_000;

/** What `flashfleet health` says of a connection; undefined where it has none. */
export async function healthOf(controller: ControllerProcess, nqn: string): Promise<ConnectionHealth | undefined> {
  const { stdout } = await controller.command("health", "-o", "json");
  const lines = stdout.split("\n").filter(Boolean);
  const connections = lines.flatMap((line) => {
    const said = Line.parse(JSON.parse(line));
    return said.is === "connection" ? [Connection.parse(said)] : [];
  });
  return connections.find((each) => each.nqn === nqn);
}

/**
 * Asks until `flashfleet health` says so of a connection, and prints how long that took.
 * @throws {FlashfleetError} `deadline` with what it said last
 */
export function becomes(
  controller: ControllerProcess,
  nqn: string,
  matches: (health: ConnectionHealth) => boolean,
  what: string,
): Promise<ConnectionHealth> {
  const expiry = AbortSignal.timeout(WITHIN);
  return timed(`until health shows ${nqn} ${what}`, async () => {
    for (;;) {
      const health = await healthOf(controller, nqn);
      if (health !== undefined && matches(health)) return health;
      if (expiry.aborted) {
        const seen = JSON.stringify(health);
        throw new FlashfleetError("deadline", `cannot see ${nqn} ${what}: after ${WITHIN} ms health says ${seen}`);
      }
    }
  });
}
