import * as z from "zod";
import { NodeSummary } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { renderTable } from "./table.ts";

export async function nodes(context: Context, pattern: string | undefined, options: CommonOptions): Promise<number> {
  const query = pattern === undefined ? "" : `?pattern=${encodeURIComponent(pattern)}`;
  const found = await clientOf(context, options).get(`/v1/nodes${query}`, z.array(NodeSummary));
  if (wantsJson(options)) {
    for (const node of found) context.out(`${JSON.stringify(node)}\n`);
    return exitCodes.fine;
  }
  if (found.length === 0) {
    context.say("No node has connected yet. Start an agent on each: flashfleet agent --name NAME --nats URL\n");
    return exitCodes.fine;
  }
  const { paint } = context;
  context.out(
    renderTable(
      ["NODE", "STATE", "HEARD", "EXPORTS", "CONNECTIONS", "SPEC", "AGENT", "LABELS"],
      found.map((node) => [
        node.node,
        node.state === "connected" ? paint.ok(node.state) : paint.failed(node.state),
        `${Math.round(node.heard)}s ago`,
        String(node.exports),
        String(node.connections),
        String(node.generation),
        node.version,
        Object.entries(node.labels)
          .map(([name, value]) => (value === true ? name : `${name}=${value}`))
          .join(" "),
      ]),
    ),
  );
  return exitCodes.fine;
}
