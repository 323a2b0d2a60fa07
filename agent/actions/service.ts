import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { JsonRecord } from "../../shared/protocol/json.ts";
import type { Action, ActionContext } from "./action.ts";
import type { UnitState } from "./foreseen.ts";
import { runTool } from "./programs/run.ts";
import { unitsOfAgent } from "./service/agents-own.ts";
import { firstLine, missingUnit, readUnit, type Unit } from "./service/unit.ts";
import { unitName } from "./service/unit-files.ts";

type Arguments = ArgumentsOf<"systemd_service">;

/** One thing that systemctl is asked to do, and what the unit is like afterwards. */
interface Change {
  verb: "mask" | "unmask" | "enable" | "disable" | "start" | "stop" | "restart" | "reload";
  after: Partial<UnitState>;
}

/** A unit of systemd: whether it runs, whether it comes up at boot, whether anything may start it. */
export const systemdService: Action<"systemd_service"> = async (args, context) => {
  const { name, daemon_reload: reload, daemon_reexec: reexec } = args;
  if (reload) await systemctl(["daemon-reload"], args, context);
  if (reexec) await systemctl(["daemon-reexec"], args, context);
  if (name === undefined) return { outcome: "ok", result: { name: null, status: {} } };
  const unit = await readUnit(name, context);
  if (unit === undefined) {
    const why = context.checking?.foreseen.whyPerhapsThere();
    if (why === undefined) throw await missingUnit(name, context);
    const msg = `unknown: there is no unit ${unitName(name)} on the node yet, but ${why}`;
    return { outcome: "ok", result: { skipped: true, name, msg } };
  }
  const changes = changesTo(unit, args);
  await refuse(unit, changes, name, context);
  for (const { verb, after } of changes) {
    await systemctl([verb, "--", unitName(name)], args, context);
    foresee(unitName(name), after, context);
  }
  const now = changes.length === 0 ? unit : await readUnit(name, context);
  const started = changes.some(({ verb }) => verb === "start" || verb === "restart");
  if (started && now?.hasFailed === true && context.checking === undefined) {
    throw new FlashfleetError("command_failed", `${unitName(name)} was started, and failed at once`, {
      hint: `journalctl -u ${unitName(name)} on the node says why`,
    });
  }
  const shown = (state: UnitState): JsonRecord => ({
    state: state.isRunning ? "started" : "stopped",
    enabled: state.isEnabled,
    masked: state.isMasked,
  });
  const after = Object.assign({ ...unit }, ...changes.map((change) => change.after));
  return {
    outcome: changes.length === 0 ? "ok" : "changed",
    result: {
      name,
      ...(args.state === undefined ? {} : { state: args.state === "stopped" ? "stopped" : "started" }),
      ...(args.enabled === undefined ? {} : { enabled: after.isEnabled }),
      status: { ...(now ?? unit).status },
      ...(changes.length === 0 ? {} : { diff: headed(name, changes, { before: shown(unit), after: shown(after) }) }),
    },
  };
};

/** As `systemd_service`, with the arguments that it shares with other init systems. */
export const service: Action<"service"> = ({ name, state, enabled }, context) =>
  systemdService(
    {
      name,
      ...(state === undefined ? {} : { state }),
      ...(enabled === undefined ? {} : { enabled }),
      scope: "system",
      force: false,
      daemon_reload: false,
      daemon_reexec: false,
      no_block: false,
    },
    context,
  );

/** A restart leaves a unit as it was: the verbs say it. */
function headed(name: string, changes: readonly Change[], diff: { before: JsonRecord; after: JsonRecord }): JsonRecord {
  const verbs = changes.map(({ verb }) => verb).join(", ");
  return {
    before: diff.before,
    after: { ...diff.after, ...(changes.some(({ verb }) => verb.startsWith("re")) ? { systemctl: verbs } : {}) },
    before_header: name,
    after_header: name,
  };
}

/** What is to be done, in its order. */
export function changesTo(unit: Unit, { state, enabled, masked }: Arguments): Change[] {
  const changes: Change[] = [];
  if (masked !== undefined && masked !== unit.isMasked)
    changes.push({ verb: masked ? "mask" : "unmask", after: { isMasked: masked } });
  if (enabled !== undefined && enabled !== unit.isEnabled && !(isFixed(unit) && !enabled))
    changes.push({ verb: enabled ? "enable" : "disable", after: { isEnabled: enabled } });
  const { isRunning } = unit;
  if (state === "stopped" && (isRunning || unit.isStopping))
    changes.push({ verb: "stop", after: { isRunning: false } });
  if (state === "restarted" && isRunning) changes.push({ verb: "restart", after: {} });
  if (state === "reloaded" && isRunning) changes.push({ verb: "reload", after: {} });
  if (state !== undefined && state !== "stopped" && !isRunning)
    changes.push({ verb: "start", after: { isRunning: true } });
  return changes;
}

/** Brought up by others alone: there is nothing to disable. */
function isFixed({ status }: Unit): boolean {
  return status.UnitFileState === "static";
}

/** Throws `plan_refused` for what systemd would refuse, and for what would take the agent itself away. */
async function refuse(unit: Unit, changes: readonly Change[], name: string, context: ActionContext): Promise<void> {
  const verbs = changes.map(({ verb }) => verb);
  const isMasked = verbs.includes("mask") || (unit.isMasked && !verbs.includes("unmask"));
  const blocked = verbs.find((verb) => verb === "start" || verb === "enable" || verb === "restart");
  if (isMasked && blocked !== undefined) {
    throw new FlashfleetError("plan_refused", `cannot ${blocked} ${unitName(name)}: it is masked`, {
      hint: "masked: false lets it be started",
    });
  }
  if (verbs.includes("reload") && !unit.canReload) {
    throw new FlashfleetError("plan_refused", `cannot reload ${unitName(name)}: it does not know how`, {
      hint: "state: restarted",
    });
  }
  const harm = verbs.find((verb) => ["stop", "restart", "mask", "disable"].includes(verb));
  if (harm === undefined) return;
  const own = await unitsOfAgent(context);
  if (!unit.names.some((each) => own.has(each))) return;
  throw new FlashfleetError(
    "plan_refused",
    `cannot ${harm} ${unitName(name)}: this node's flashfleet agent runs in it or needs it`,
    {
      hint: "the order could not end, or the node would not come back: do it on the node itself",
    },
  );
}

function foresee(unit: string, after: Partial<UnitState>, { checking }: ActionContext): void {
  if (checking === undefined) return;
  const { units } = checking.foreseen;
  units.set(unit, { ...units.get(unit), ...after });
}

/** In a check nothing is done. Throws `command_failed` with what systemctl said. */
async function systemctl(
  words: readonly string[],
  { no_block, force }: Arguments,
  context: ActionContext,
): Promise<void> {
  const { system, deadline, job, checking, check } = context;
  if (checking !== undefined || check) return;
  await job.effect();
  const options = [...(no_block ? ["--no-block"] : []), ...(force ? ["--force"] : [])];
  const { code, stderr } = await runTool({ argv: ["systemctl", ...options, ...words] }, { system, deadline });
  if (code === 0) return;
  const [verb, , unit] = words;
  throw new FlashfleetError(
    "command_failed",
    `cannot ${verb}${unit === undefined ? "" : ` ${unit}`}: ${firstLine(stderr)}`,
    {
      hint:
        unit === undefined
          ? "systemctl on the node says more"
          : `systemctl status ${unit} and journalctl -u ${unit} on the node say more`,
    },
  );
}
