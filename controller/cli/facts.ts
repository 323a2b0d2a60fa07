import * as z from "zod";
import { renderError } from "../../shared/errors.ts";
import { NodeFacts } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";

export async function facts(context: Context, pattern: string | undefined, options: CommonOptions): Promise<number> {
  const query = `?pattern=${encodeURIComponent(pattern ?? "all")}`;
  const found = await clientOf(context, options).get(`/v1/facts${query}`, z.array(NodeFacts));
  const json = wantsJson(options);
  for (const each of found) {
    if (json) context.out(`${JSON.stringify(each)}\n`);
    else if (each.error === undefined) context.out(`${each.node} => ${JSON.stringify(each.facts, undefined, 4)}\n`);
    if (each.error !== undefined) context.say(`${each.node}: ${renderError(each.error)}\n`);
  }
  return found.some(({ error }) => error !== undefined) ? exitCodes.unreachable : exitCodes.fine;
}
