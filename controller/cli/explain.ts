import { ExplainAnswer } from "../api/volume-messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { paintState } from "./volumes.ts";

/** Says what is the matter with a volume or a node, and gives 2 where anything is. */
export async function explain(context: Context, subject: string, options: CommonOptions): Promise<number> {
  const path = `/v1/explain?subject=${encodeURIComponent(subject)}`;
  const { explanations } = await clientOf(context, options).get(path, ExplainAnswer);
  for (const each of explanations) {
    if (wantsJson(options)) {
      context.out(`${JSON.stringify(each)}\n`);
      continue;
    }
    const { about, state, cause, remedy } = each;
    context.out(`${about.join(", ")}: ${paintState(state, context.paint)}\n  cause:  ${cause}\n`);
    if (remedy !== "") context.out(`  remedy: ${remedy}\n`);
  }
  return explanations.every(({ state }) => state === "healthy") ? exitCodes.fine : exitCodes.failed;
}
