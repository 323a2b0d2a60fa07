import { toErrorData } from "../../shared/errors.ts";
import { CallId } from "../../shared/protocol/ids.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetNode } from "../fleet/node.ts";
import type { NodeFacts } from "./messages.ts";

/** Milliseconds for a node's facts. */
const factsMillis = 30_000;

/** Asks a node what it is. Whatever goes wrong is its answer. */
export async function factsOf(fleet: Fleet, node: FleetNode["id"]): Promise<NodeFacts> {
  try {
    const id = CallId.parse(`facts_${node}_${crypto.randomUUID()}`);
    const done = await fleet.call({ to: node, id, body: { do: "facts" }, deadline: fleet.deadlineIn(factsMillis) });
    return { node, facts: done.result, ...(done.error === undefined ? {} : { error: done.error }) };
  } catch (error) {
    return { node, error: toErrorData(error) };
  }
}
