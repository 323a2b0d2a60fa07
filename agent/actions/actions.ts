import type * as z from "zod";
import { FlashfleetError } from "../../shared/errors.ts";
import {
  type ActionsOn,
  type ArgumentsOf,
  actions as definitions,
  isActionName,
} from "../../shared/modules/actions/actions.ts";
import { type Json, toJson } from "../../shared/protocol/json.ts";
import { gatherFacts } from "../observe/facts.ts";
import type { Answer } from "../orders/orders.ts";
import type { Action, ActionContext } from "./action.ts";
import { command } from "./command.ts";
import { copy } from "./copy.ts";
import { file } from "./file.ts";
import { lineinfile } from "./lineinfile.ts";
import { nvmeDiscover } from "./nvme-discover.ts";
import { waitFor } from "./wait-for.ts";

type NodeAction = ActionsOn<"node">;

/** Every action that runs on a node. A missing one does not compile. */
const table: { readonly [A in NodeAction]: Action<A> } = {
  command,
  copy,
  file,
  lineinfile,
  nvme_discover: nvmeDiscover,
  ping: async ({ data }) => ({ outcome: "ok", result: { ping: data } }),
  setup: async (_, { system }) => ({ outcome: "ok", result: toJson(await gatherFacts(system)) }),
  shell: ({ cmd, executable, ...rest }, context) => command({ ...rest, argv: [executable, "-c", cmd] }, context),
  wait_for: waitFor,
};

export const nodeActions: readonly string[] = Object.keys(table);

/** Throws `bad_message` for an action or arguments that this agent does not know. */
export function runAction(name: string, args: Json, context: ActionContext): Promise<Answer> {
  if (!isNodeAction(name)) {
    throw new FlashfleetError("bad_message", `cannot do ${name}: this agent has no such action`, {
      hint: "upgrade the agent",
    });
  }
  return dispatch(name, args, context);
}

function isNodeAction(name: string): name is NodeAction {
  return isActionName(name) && Object.hasOwn(table, name);
}

function dispatch<A extends NodeAction>(name: A, args: Json, context: ActionContext): Promise<Answer> {
  const schema: z.ZodObject = definitions[name].schema;
  const parsed = schema.safeParse(args);
  if (!parsed.success) {
    throw new FlashfleetError("bad_message", `cannot do ${name}: ${parsed.error.issues[0]?.message}`, {
      cause: parsed.error,
    });
  }
  // The action's own schema made it.
  return table[name](parsed.data as ArgumentsOf<A>, context);
}
