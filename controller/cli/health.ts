import { formatSize } from "../../shared/size.ts";
import { HealthAnswer } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import type { Paint } from "./paint.ts";
import { renderTable } from "./table.ts";

/** Shows what the controller judges, and gives 2 when anything is not healthy. */
export async function health(context: Context, pattern: string | undefined, options: CommonOptions): Promise<number> {
  const query = pattern === undefined ? "" : `?pattern=${encodeURIComponent(pattern)}`;
  const found = await clientOf(context, options).get(`/v1/health${query}`, HealthAnswer);
  if (wantsJson(options)) {
    for (const connection of found.connections) context.out(`${JSON.stringify({ is: "connection", ...connection })}\n`);
    for (const node of found.nodes) context.out(`${JSON.stringify({ is: "node", ...node })}\n`);
  } else context.out(renderHealth(found, context.paint));
  const bad = [...found.connections, ...found.nodes].some(({ state }) => state !== "healthy");
  return bad ? exitCodes.failed : exitCodes.fine;
}

type State = HealthAnswer["connections"][number]["state"];

/** One line for each connection, then what each node says of itself, then the count. */
export function renderHealth({ connections, nodes }: HealthAnswer, paint: Paint): string {
  const colours: Record<State, (text: string) => string> = {
    healthy: paint.ok,
    degraded: paint.changed,
    failed: paint.failed,
    unknown: paint.warning,
  };
  const show = (state: State) => colours[state](state);
  const rows = connections.map(({ initiator, devices, size, targets, nqn, paths, state, reasons }) => [
    initiator,
    devices.join(" ") || "-",
    devices.length === 0 ? "-" : formatSize(size),
    `${paths.filter((path) => path.state === "live").length}/${paths.length}`,
    targets.join(" ") || "-",
    nqn,
    show(state),
    reasons.join("; "),
  ]);
  const table =
    rows.length === 0
      ? "No connections.\n"
      : renderTable(["INITIATOR", "DEVICE", "SIZE", "PATHS", "TARGET", "SUBSYSTEM", "HEALTH", "WHY"], rows);
  const unwell = nodes.filter(({ state }) => state !== "healthy");
  const lines = unwell.map(({ node, state, reasons }) => `node ${node}: ${show(state)}: ${reasons.join("; ")}\n`);
  const count = (state: State) => connections.filter((each) => each.state === state).length;
  const parts = (["healthy", "degraded", "failed", "unknown"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  const summary = `${connections.length} ${connections.length === 1 ? "connection" : "connections"}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}; ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}${unwell.length === 0 ? "" : `, ${unwell.length} with trouble`}\n`;
  return `${table}${lines.length === 0 ? "" : "\n"}${lines.join("")}\n${summary}`;
}
