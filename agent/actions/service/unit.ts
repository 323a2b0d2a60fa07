import { FlashfleetError } from "../../../shared/errors.ts";
import { nearest } from "../../../shared/nearest.ts";
import type { ActionContext } from "../action.ts";
import { exists } from "../exists.ts";
import type { UnitState } from "../foreseen.ts";
import { look } from "../programs/look.ts";
import { unitFiles, unitName } from "./unit-files.ts";

/** What a result shows of a unit, in systemd's own words. */
const shown = [
  "Id",
  "Names",
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "FragmentPath",
  "MainPID",
] as const;

/** A unit of systemd as it is; in a check as it would be by now. */
export interface Unit extends UnitState {
  /** All its names, with what they end with. */
  names: readonly string[];
  /** On its way to being stopped. */
  isStopping: boolean;
  hasFailed: boolean;
  canReload: boolean;
  /** Of it what people look at, as `systemctl show` says it. */
  status: Readonly<Record<string, string>>;
}

/** Undefined where there is no such unit. Throws `not_found` where systemd does not run, `command_failed` for one that is broken. */
export async function readUnit(name: string, context: ActionContext): Promise<Unit | undefined> {
  const unit = unitName(name);
  const { code, stdout, stderr } = await look(
    ["systemctl", "show", `--property=${[...shown, "LoadError", "CanReload"].join(",")}`, "--", unit],
    context,
  );
  if (code !== 0) {
    throw new FlashfleetError("not_found", `cannot look at ${unit}: ${firstLine(stderr)}`, {
      hint: "services are systemd's, which does not run this node",
    });
  }
  const properties = parseProperties(stdout);
  if (properties.LoadState === "not-found") return madeInCheck(unit, context);
  if (properties.LoadState === "error" || properties.LoadState === "bad-setting") {
    throw new FlashfleetError("command_failed", `cannot use ${unit}: ${properties.LoadError ?? properties.LoadState}`, {
      hint: `systemd-analyze verify ${unit} on the node says more`,
    });
  }
  const enabled = await look(["systemctl", "is-enabled", "--", unit], context);
  const word = enabled.stdout.trim();
  const active = properties.ActiveState ?? "";
  return {
    names: [properties.Id ?? unit, ...(properties.Names ?? "").split(" ").filter(Boolean)],
    isRunning: active === "active" || active === "activating" || active === "reloading",
    isStopping: active === "deactivating",
    hasFailed: active === "failed",
    // Units that others bring up say so with exit code 0.
    isEnabled: enabled.code === 0 && word !== "indirect" && word !== "alias",
    isMasked: word.startsWith("masked"),
    canReload: properties.CanReload !== "no",
    ...context.checking?.foreseen.units.get(unit),
    status: Object.fromEntries(shown.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]]))),
  };
}

/** One whose file an earlier task of the check has made. */
async function madeInCheck(unit: string, { system, checking }: ActionContext): Promise<Unit | undefined> {
  if (checking === undefined) return undefined;
  const there = await Promise.all(unitFiles(unit).map((path) => exists(system, path)));
  if (!there.includes(true)) return undefined;
  const none = { isRunning: false, isStopping: false, hasFailed: false, isEnabled: false, isMasked: false };
  return { names: [unit], ...none, canReload: true, ...checking.foreseen.units.get(unit), status: {} };
}

/** The error of a unit that is not there, with the nearest name that is. */
export async function missingUnit(name: string, context: ActionContext): Promise<FlashfleetError> {
  const { stdout } = await look(["systemctl", "list-unit-files", "--no-legend", "--plain", "--no-pager"], context);
  const units = stdout.split("\n").flatMap((line) => line.split(/\s/, 1)[0] || []);
  const unit = unitName(name);
  const near = nearest(unit, units) ?? nearest(unit.replace(/\.\w+$/, "d.service"), units);
  return new FlashfleetError("not_found", `cannot find the unit ${unit}: the node does not have it`, {
    hint:
      near === undefined
        ? "install the package that brings it before, or give the unit file and daemon_reload: true"
        : `did you mean ${near}?`,
  });
}

export function parseProperties(text: string): Readonly<Record<string, string>> {
  const rows = text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return Object.fromEntries(rows);
}

export function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] || "it did not say why";
}
