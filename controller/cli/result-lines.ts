import { type ErrorData, reasonsOf } from "../../shared/errors.ts";
import { isJsonRecord, type Json, type JsonRecord } from "../../shared/protocol/json.ts";
import type { TaskResult } from "../run/entry.ts";
import { dump } from "./ansible-json.ts";
import type { Paint } from "./paint.ts";
import { diffLines } from "./render-diff.ts";

interface Options {
  paint: Paint;
  /** Show each step that was done, or would be. */
  diff: boolean;
  /** Show what modules gave. */
  verbose: boolean;
}

/** What Ansible's default callback prints for a result of a playbook's task. */
export function resultLines(result: TaskResult, module: string, { paint, diff, verbose }: Options): string {
  const { host, outcome, item, ignored, loop } = result;
  const ignoring = ignored && item === undefined ? paint.skipped("...ignoring\n") : "";
  // Each item has had its line; of debug Ansible says more.
  if (loop && outcome === "failed" && module === "debug")
    return `${paint.failed(`fatal: [${host}]: FAILED! => ${dump(shownOf(result, module))}\n`)}${ignoring}`;
  if (loop && outcome !== "skipped" && outcome !== "unreachable") return ignoring;
  if (outcome === "ok" && isInclude(module)) return "";
  const steps = diff || verbose ? stepLines(result, paint) : "";
  const changes = diff ? diffLines(result.result, paint) : "";
  const ofItem = item === undefined ? "" : ` => (item=${item})`;
  const isShown = isAlwaysShown(module, result.result) || (verbose && module !== "setup" && !isInclude(module));
  const given = isShown ? ` => ${shown(result, module)}` : "";
  const who = result.delegated === undefined ? host : `${host} -> ${result.delegated}`;
  switch (outcome) {
    case "ok":
    case "changed":
      return `${changes}${paint[outcome](`${outcome}: [${who}]${ofItem}${given}\n`)}${steps}`;
    case "skipped":
      // Ansible has a space behind an item.
      return paint.skipped(
        `skipping: [${host}]${ofItem}${item === undefined ? "" : " "}${verbose ? ` => ${dump(shownOf(result, module))}` : ""}\n`,
      );
    case "failed": {
      const start = item === undefined ? `fatal: [${who}]: FAILED!` : `failed: [${who}] (item=${item})`;
      return `${steps}${paint.failed(`${start} => ${shown(result, module)}\n`)}${advice(result.error, paint)}${ignoring}`;
    }
    case "unreachable":
      return `${paint.unreachable(`fatal: [${who}]: UNREACHABLE! => ${shown(result, module)}\n`)}${advice(result.error, paint)}${ignoring}`;
  }
}

export function isInclude(module: string): boolean {
  return module === "include_tasks" || module === "include_role";
}

/** `host | CHANGED | rc=0 >>` and the output, as `ansible PATTERN -m command` prints it; other modules as JSON. */
export function adHocLines(result: TaskResult, module: string, paint: Paint): string {
  const { host, outcome, result: given, error } = result;
  const isCommand = module === "command" || module === "shell";
  if (outcome === "skipped") return paint.skipped(`${host} | SKIPPED\n`);
  if (isCommand && isJsonRecord(given) && "rc" in given) {
    const word = { ok: "SUCCESS", changed: "CHANGED", failed: "FAILED", unreachable: "UNREACHABLE!" }[outcome];
    const text = [given.stdout, given.stderr, given.msg].filter((part) => typeof part === "string").join("");
    return `${paint[outcome](`${host} | ${word} | rc=${String(given.rc)} >>`)}\n${text}\n`;
  }
  const word = { ok: "SUCCESS", changed: "CHANGED", failed: "FAILED!", unreachable: "UNREACHABLE!" }[outcome];
  return `${paint[outcome](`${host} | ${word} => ${dump(shownOf(result, module), 4)}`)}\n${advice(error, paint)}`;
}

/** Whether Ansible shows it without being asked: what it was asked to show. */
function isAlwaysShown(module: string, result: Json): boolean {
  if (!isJsonRecord(result) || "censored" in result) return false;
  return module === "debug" || (module === "assert" && result.quiet !== true);
}

function shown(result: TaskResult, module: string): string {
  return dump(shownOf(result, module), isAlwaysShown(module, result.result) ? 4 : undefined);
}

/** A result as Ansible shows it; of a failure with our code. */
function shownOf({ outcome, result, error }: TaskResult, module: string): Json {
  if (!isJsonRecord(result)) return result;
  const { failed: _failed, skipped: _skipped, error_code: _code, ...rest } = result;
  if (module === "assert") delete rest.quiet;
  // It was asked to show one thing, and shows that alone.
  if (module === "debug") return debugged(rest);
  const failure = error === undefined ? {} : { code: error.code, msg: rest.msg ?? error.message };
  return { changed: outcome === "changed", ...rest, ...failure };
}

function debugged(result: JsonRecord): JsonRecord {
  if ("msg" in result) return { msg: result.msg ?? null };
  const { changed: _changed, skip_reason: _reason, false_condition: _condition, ...rest } = result;
  return rest;
}

/** What the reader can do about it, on lines of its own. */
function advice(error: ErrorData | undefined, paint: Paint): string {
  if (error === undefined) return "";
  const because = reasonsOf(error)
    .map((reason) => `    because: ${reason}\n`)
    .join("");
  const hint = error.hint === undefined ? "" : `    hint: ${error.hint}\n`;
  return because === "" && hint === "" ? "" : paint.failed(because + hint);
}

function stepLines({ host, steps }: TaskResult, paint: Paint): string {
  return (steps ?? [])
    .map(({ node, says, cost }) =>
      paint.dim(`    ${node ?? host}: ${says}${cost === "none" ? "" : ` (may cost ${cost})`}\n`),
    )
    .join("");
}
