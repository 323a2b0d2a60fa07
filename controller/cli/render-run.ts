import { renderError } from "../../shared/errors.ts";
import type { HostRecap, RunEvent, TaskResult } from "../run/entry.ts";
import { banner } from "./banner.ts";
import type { Paint } from "./paint.ts";
import { adHocLines, isInclude, resultLines } from "./result-lines.ts";
import { RunSummary } from "./run-summary.ts";

interface Options {
  paint: Paint;
  /** Show each step that was done, or would be. */
  diff: boolean;
  verbose: boolean;
  /** Characters of a line. */
  width: number;
  /** Leave out copies of a failure that many hosts share: for people, never for scripts. */
  folds: boolean;
  /** Show the slowest tasks at the end. */
  profile: boolean;
}

/** A run's events as Ansible prints them: one text for each event, with its newlines. */
export function createRunPrinter(options: Options): (event: RunEvent) => string {
  const { paint, width, folds, profile } = options;
  const summary = new RunSummary();
  /** Tasks of the batch by their number, and the one whose banner was printed last. */
  let tasks = new Map<number, { banner: string; module: string }>();
  let shown = -1;
  let adHoc = false;
  const asked = new Map<string, string>();
  return (event) => {
    summary.take(event);
    switch (event.is) {
      case "started":
        adHoc = event.adHoc;
        return "";
      case "play":
        tasks = new Map();
        return adHoc ? "" : banner(`PLAY [${event.name}]`, width);
      case "task": {
        const task = {
          banner: banner(`${event.handler ? "RUNNING HANDLER" : "TASK"} [${event.name}]`, width),
          module: event.module,
        };
        tasks.set(event.task, task);
        shown = event.task;
        return adHoc ? "" : task.banner;
      }
      case "results": {
        const { results, task } = event;
        const known = tasks.get(task);
        const module = known?.module ?? "";
        if (adHoc) return results.map((result) => adHocLines(result, module, paint)).join("");
        // Where hosts run ahead of each other, a task's results may come after another one's banner.
        const again = shown === task ? "" : (known?.banner ?? "");
        shown = task;
        return (
          again +
          (isInclude(module) ? paint.skipped(includeLines(results)) : "") +
          (folds ? summary.fold(results) : results).map((result) => resultLines(result, module, options)).join("")
        );
      }
      case "resumed":
        return paint.dim("the controller was started anew, and goes on\n");
      case "planned":
        return "";
      case "asks":
        asked.set(event.question, event.text);
        return "";
      case "answered":
        return banner(asked.get(event.question) ?? "", width);
      case "progress":
        return event.retry ? paint.retry(`${event.text}\n`) : "";
      case "warning":
        return paint.warning(`[WARNING]: ${event.message}${event.hint === undefined ? "" : ` (${event.hint})`}\n`);
      case "finished":
        return (
          (adHoc ? "" : `${banner("PLAY RECAP", width)}${recapLines(event.recap, paint)}\n`) +
          (folds ? summary.failures(paint) : "") +
          (profile ? summary.profile() : "") +
          (event.error === undefined ? "" : paint.failed(`${renderError(event.error)}\n`))
        );
    }
  };
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
