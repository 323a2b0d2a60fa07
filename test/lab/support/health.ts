import * as z from "zod";
import { HealthAnswer } from "../../../controller/api/messages.ts";
import type { ControllerProcess } from "./controller-process.ts";

export type ConnectionHealth = HealthAnswer["connections"][number];

const Line = z.looseObject({ is: z.enum(["connection", "node"]) });
const Connection = HealthAnswer.shape.connections.element;

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
