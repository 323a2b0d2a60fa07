import { type ErrorData, renderError } from "../../shared/errors.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { HostRecap, RunEvent, TaskResult } from "../run/entry.ts";
import type { Paint } from "./paint.ts";
import { diffLines } from "./render-diff.ts";
import { RunSummary } from "./run-summary.ts";

interface Options {
  paint: Paint;
  /** Show each step that was done, or would be. */
  diff: boolean;
  verbose: boolean;
  /** Show what happens meanwhile: output of long commands, steps, waits. */
  live: boolean;
  /** Characters of a line. */
  width: number;
  /** Leave out copies of a failure that many hosts share: for people, never for scripts. */
  folds: boolean;
  /** Show the slowest tasks at the end. */
  profile: boolean;
}

/** A run's events as Ansible prints them: one text for each event, with its newlines. */
export function createRunPrinter({
  paint,
  diff,
  verbose,
  live,
  width,
  folds,
  profile,
}: Options): (event: RunEvent) => string {
  const summary = new RunSummary();
  /** Tasks of the batch by their number, and the one whose banner was printed last. */
  let tasks = new Map<number, { banner: string; module: string }>();
  let shown = -1;
  let adHoc = false;
  const banner = (text: string) => `\n${`${text} `.padEnd(width, "*")}\n`;
  return (event) => {
    summary.take(event);
    switch (event.is) {
      case "started":
        adHoc = event.adHoc;
        return "";
      case "play":
        tasks = new Map();
        return adHoc ? "" : banner(`PLAY [${event.name}]`);
      case "task": {
        const task = {
          banner: banner(`${event.handler ? "RUNNING HANDLER" : "TASK"} [${event.name}]`),
          module: event.module,
        };
        tasks.set(event.task, task);
        shown = event.task;
        return adHoc ? "" : task.banner;
      }
      case "results": {
        const { results, task } = event;
        if (adHoc) return results.map((result) => adHocLine(result, paint)).join("");
        const known = tasks.get(task);
        // Where hosts run ahead of each other, a task's results may come after another one's banner.
        const again = shown === task ? "" : (known?.banner ?? "");
        shown = task;
        const module = known?.module ?? "";
        return (
          again +
          (isInclude(module) ? includeLines(results) : "") +
          (folds ? summary.fold(results) : results).map((result) => resultLines(result, module)).join("")
        );
      }
      case "resumed":
        return paint.dim("the controller was started anew, and goes on\n");
      case "progress":
        if (event.retry) return paint.changed(`${event.text}\n`);
        return !live
          ? ""
          : paint.dim(`  ${event.host} | ${event.text.trimEnd().replaceAll("\n", `\n  ${event.host} | `)}\n`);
      case "warning":
        return paint.warning(`[WARNING]: ${event.message}${event.hint === undefined ? "" : ` (${event.hint})`}\n`);
      case "finished":
        return (
          (adHoc ? "" : `${banner("PLAY RECAP")}${recapLines(event.recap, paint)}\n`) +
          (folds ? summary.failures(paint) : "") +
          (profile ? summary.profile() : "") +
          (event.error === undefined ? "" : paint.failed(`${renderError(event.error)}\n`))
        );
    }
  };

  function resultLines(result: TaskResult, name: string): string {
    const { host, outcome, item, ignored, error, loop } = result;
    const ignoring = ignored ? paint.skipped("...ignoring\n") : "";
    // Each item has had its line.
    if (loop && outcome !== "skipped" && outcome !== "unreachable") return ignoring;
    if (outcome === "ok" && isInclude(name)) return "";
    const steps = diff || verbose ? stepLines(result, paint) : "";
    const changes = diff ? diffLines(result.result, paint) : "";
    const ofItem = item === undefined ? "" : `(item=${item})`;
    switch (outcome) {
      case "ok":
      case "changed": {
        const shown = name === "debug" ? block(shownOf(result)) : verbose ? compact(result.result) : "";
        const parts = [`${outcome}: [${host}]`, ofItem, shown].filter((part) => part !== "");
        return `${changes}${paint[outcome](parts.join(" => "))}\n${steps}`;
      }
      case "skipped":
        return `${paint.skipped([`skipping: [${host}]`, ofItem].filter((part) => part !== "").join(" => "))}\n`;
      case "failed": {
        const start = item === undefined ? `fatal: [${host}]: FAILED!` : `failed: [${host}] ${ofItem}`;
        return `${steps}${paint.failed(`${start} => ${failure(error, result.result)}`)}\n${ignoring}`;
      }
      case "unreachable":
        return `${paint.unreachable(`fatal: [${host}]: UNREACHABLE! => ${failure(error, {})}`)}\n`;
    }
  }
}

function isInclude(module: string): boolean {
  return module.startsWith("include_");
}

/** One line for each file, with the hosts that go on with it. */
function includeLines(results: readonly TaskResult[]): string {
  const files = new Map<string, string[]>();
  for (const { host, outcome, result } of results) {
    if (outcome !== "ok" || typeof result !== "object" || result === null || Array.isArray(result)) continue;
    const key = JSON.stringify([result.include, result.include_of]);
    files.set(key, [...(files.get(key) ?? []), host]);
  }
  return [...files]
    .map(([key, hosts]) => {
      const [file, of]: string[] = JSON.parse(key);
      return `included: ${file} for ${hosts.join(", ")}${of}\n`;
    })
    .join("");
}

/** What debug was asked to show, without what every result has. */
function shownOf({ result }: TaskResult): Json {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return result;
  const { changed: _changed, failed: _failed, ...shown } = result;
  return shown;
}

/** One JSON line as Ansible has it, then the hint on a line that people find. */
function failure(error: ErrorData | undefined, result: Json): string {
  const facts = typeof result === "object" && result !== null && !Array.isArray(result) ? result : {};
  const {
    cmd: _cmd,
    stdout_lines: _out,
    stderr_lines: _err,
    failed: _failed,
    error_code: _code,
    changed: _changed,
    ...rest
  } = facts;
  const line = compact({
    ...rest,
    changed: false,
    ...(error === undefined ? {} : { code: error.code, msg: error.message }),
  });
  if (error === undefined) return line;
  const because = error.cause === undefined ? "" : `\n    because: ${error.cause.message}`;
  const hint = error.hint === undefined ? "" : `\n    hint: ${error.hint}`;
  return `${line}${because}${hint}`;
}

const compact = (value: Json) => JSON.stringify(value);
const block = (value: Json) => JSON.stringify(value, undefined, 4);

function stepLines({ host, steps }: TaskResult, paint: Paint): string {
  return (steps ?? [])
    .map(({ says, cost }) => paint.dim(`    ${host}: ${says}${cost === "none" ? "" : ` (may cost ${cost})`}\n`))
    .join("");
}

/** `host | CHANGED | rc=0 >>` and the output, as `ansible PATTERN -m command` prints it; other modules as JSON. */
function adHocLine({ host, outcome, result, error }: TaskResult, paint: Paint): string {
  const word = { ok: "SUCCESS", changed: "CHANGED", skipped: "SKIPPED", failed: "FAILED", unreachable: "UNREACHABLE!" }[
    outcome
  ];
  const colour = paint[outcome];
  if (typeof result === "object" && result !== null && !Array.isArray(result) && "rc" in result) {
    const text = [result.stdout, result.stderr].filter((part) => typeof part === "string" && part !== "").join("\n");
    return `${colour(`${host} | ${word} | rc=${String(result.rc)} >>`)}\n${text}${text === "" ? "" : "\n"}`;
  }
  if (error !== undefined) return `${colour(`${host} | ${word} => ${failure(error, {})}`)}\n`;
  return `${colour(`${host} | ${word} => ${block(result)}`)}\n`;
}

function recapLines(recap: Readonly<Record<string, HostRecap>>, paint: Paint): string {
  return Object.entries(recap)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, counts]) => {
      const name = host.padEnd(26);
      const coloured =
        counts.failed > 0 || counts.unreachable > 0
          ? paint.failed(name)
          : counts.changed > 0
            ? paint.changed(name)
            : paint.ok(name);
      const field = (key: keyof HostRecap, paintIt: (text: string) => string) => {
        const text = `${key}=${String(counts[key]).padEnd(4)}`;
        return counts[key] > 0 ? paintIt(text) : text;
      };
      return `${coloured} : ${field("ok", paint.ok)} ${field("changed", paint.changed)} ${field("unreachable", paint.unreachable)} ${field("failed", paint.failed)} ${field("skipped", paint.skipped)} ${field("rescued", paint.warning)} ${field("ignored", paint.warning)}`;
    })
    .map((line) => `${line}\n`)
    .join("");
}
