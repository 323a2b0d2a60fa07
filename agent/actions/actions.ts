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
import { intercept } from "../system/intercept.ts";
import type { System } from "../system/system.ts";
import type { Action, ActionContext } from "./action.ts";
import { command } from "./command.ts";
import { copy } from "./copy.ts";
import { driveWipe } from "./drive-wipe.ts";
import { file } from "./file.ts";
import { filesystem } from "./filesystem.ts";
import { lineinfile } from "./lineinfile.ts";
import { mount } from "./mount.ts";
import { nvmeDiscover } from "./nvme-discover.ts";
import { nvmeVerify } from "./nvme-verify.ts";
import { apt } from "./packages/apt.ts";
import { dnf } from "./packages/dnf.ts";
import { packageAction } from "./packages/package.ts";
import { reboot } from "./reboot.ts";
import { service, systemdService } from "./service.ts";
import { sysctl } from "./sysctl.ts";
import { waitFor } from "./wait-for.ts";

type NodeAction = ActionsOn<"node">;

/** Every action that runs on a node. A missing one does not compile. */
const table: { readonly [A in NodeAction]: Action<A> } = {
  apt,
  command,
  copy,
  dnf,
  drive_wipe: driveWipe,
  file,
  filesystem,
  lineinfile,
  mount,
  nvme_discover: nvmeDiscover,
  nvme_verify: nvmeVerify,
  package: packageAction,
  ping: async ({ data }) => ({ outcome: "ok", result: { ping: data } }),
  reboot,
  service,
  setup: async (_, { system, clock, checking }) => ({
    outcome: "ok",
    result: toJson(await gatherFacts(system, clock, checking)),
  }),
  shell: ({ cmd, executable, ...rest }, context) => command({ ...rest, argv: [executable, "-c", cmd] }, context),
  sysctl,
  systemd_service: systemdService,
  wait_for: waitFor,
};

export const nodeActions: readonly string[] = Object.keys(table);

interface Given extends ActionContext {
  /** Of the programs that the action runs, over the agent's own. */
  environment?: Readonly<Record<string, string>> | undefined;
}

/** Throws `bad_message` for an action or arguments that this agent does not know. */
export function runAction(name: string, args: Json, { environment, ...context }: Given): Promise<Answer> {
  if (!isNodeAction(name)) {
    throw new FlashfleetError("bad_message", `cannot do ${name}: this agent has no such action`, {
      hint: "upgrade the agent",
    });
  }
  return dispatch(name, args, { ...context, system: withEnvironment(context.system, environment) });
}

/** Every program that an action runs has it, whichever action that is. */
function withEnvironment(system: System, environment: Given["environment"]): System {
  if (environment === undefined) return system;
  return intercept(system, {
    exec: (command, deadline) =>
      system.exec({ ...command, environment: { ...environment, ...command.environment } }, deadline),
  });
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
