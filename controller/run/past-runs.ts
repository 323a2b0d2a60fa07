import { FlashfleetError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { FailedHosts, RunSummary } from "../api/messages.ts";
import type { RunStream } from "../store/run-stream.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { RunEntry } from "./entry.ts";

/** Requests to the store at once. */
const readsAtOnce = 64;

type Started = Extract<RunEntry, { is: "started" }>;
type Finished = Extract<RunEntry, { is: "finished" }>;

/** What the run stream has of runs, read from their first and last entries. */
export class PastRuns {
  readonly #stream: RunStream<RunEntry>;
  readonly #log: Logger;

  constructor(stream: RunStream<RunEntry>, log: Logger) {
    this.#stream = stream;
    this.#log = log;
  }

  /** All runs, the newest first. `activeAt` knows of those that are driven now. */
  async list(activeAt: (run: RunId) => { asks: string | undefined } | undefined): Promise<RunSummary[]> {
    const found: RunSummary[] = [];
    await eachAtOnce(await this.#stream.list(), readsAtOnce, async (run) => {
      const ends = await this.#endsOf(run);
      if (ends === undefined) return;
      const { title, at, check, by } = ends.started;
      const shown = { run, title, at, check, ...(by === undefined ? {} : { by }) };
      if (ends.finished !== undefined) found.push({ ...shown, ...summaryOf(ends.finished) });
      else {
        const active = activeAt(run);
        const asks = active?.asks;
        const outcome = active === undefined ? "aborted" : "running";
        found.push({ ...shown, outcome, ...(asks === undefined ? {} : { asks }) });
      }
    });
    return found.sort((a, b) => b.at - a.at);
  }

  /**
   * The hosts that failed, or could not be reached, in a run; without one in the last run of that title which has ended and
   * was no check. Throws `not_found` where there is none, `call_refused` for one that has not ended.
   */
  async failedOf(run: RunId | undefined, title: string): Promise<FailedHosts> {
    const found = run === undefined ? await this.#lastOf(title) : await this.#endOf(run);
    const { started, finished } = found;
    const hosts = Object.entries(finished.recap)
      .filter(([, { failed, unreachable }]) => failed > 0 || unreachable > 0)
      .map(([host]) => host)
      .sort();
    const { at, by } = started;
    return { run: started.run, title: started.title, at, ...(by === undefined ? {} : { by }), hosts };
  }

  async entriesOf(run: RunId): Promise<RunEntry[]> {
    return (await this.#stream.read(run)).map(({ entry }) => entry);
  }

  /** The entries of a run and of those that it resumed, the oldest first. */
  async whole(run: RunId): Promise<RunEntry[]> {
    const entries = await this.entriesOf(run);
    const [started] = entries;
    if (started?.is !== "started" || started.resumes === undefined) return entries;
    return [...(await this.whole(started.resumes)), ...entries];
  }

  async #endOf(run: RunId): Promise<{ started: Started; finished: Finished }> {
    const ends = await this.#endsOf(run);
    if (ends === undefined) throw noSuchRun(run);
    const { started, finished } = ends;
    if (finished !== undefined) return { started, finished };
    throw new FlashfleetError("call_refused", `cannot tell what failed in run ${run}: it has not ended`, {
      hint: `flashfleet attach ${run} shows it`,
    });
  }

  /** Ids begin with the second, so that the newest come first; those of one second are read at once, and so many more. */
  async #lastOf(title: string): Promise<{ started: Started; finished: Finished }> {
    const runs = (await this.#stream.list()).reverse();
    for (let from = 0; from < runs.length; ) {
      let to = Math.min(from + readsAtOnce, runs.length);
      while (to < runs.length && secondOf(runs[to]) === secondOf(runs[to - 1])) to++;
      const found: { started: Started; finished: Finished }[] = [];
      await eachAtOnce(runs.slice(from, to), readsAtOnce, async (run) => {
        const { started, finished } = (await this.#endsOf(run)) ?? {};
        if (started?.title === title && !started.check && finished !== undefined) found.push({ started, finished });
      });
      const [newest] = found.sort((one, other) => other.started.at - one.started.at);
      if (newest !== undefined) return newest;
      from = to;
    }
    throw new FlashfleetError("not_found", `cannot use @failed: no run of ${title} has ended yet`, {
      hint: "flashfleet runs lists them; @failed:RUN names one",
    });
  }

  async #endsOf(run: RunId): Promise<{ started: Started; finished: Finished | undefined } | undefined> {
    const ends = await this.#stream.ends(run).catch((error: unknown) => {
      if (!(error instanceof FlashfleetError) || error.code !== "bad_message") throw error;
      this.#log.warn({ run, err: error }, "a run of another version cannot be read");
      return undefined;
    });
    if (ends?.first.is !== "started") return undefined;
    return { started: ends.first, finished: ends.last.is === "finished" ? ends.last : undefined };
  }
}

/** `20261122-224652` of a run's id. */
const secondOf = (run: RunId | undefined) => run?.slice(0, 15);

function summaryOf({ outcome, recap, at }: Finished): Pick<RunSummary, "outcome" | "ended" | "hosts"> {
  const counts = Object.values(recap);
  const having = (field: "changed" | "failed" | "unreachable") => counts.filter((each) => each[field] > 0).length;
  const hosts = {
    all: counts.length,
    changed: having("changed"),
    failed: having("failed"),
    unreachable: having("unreachable"),
  };
  return { outcome, ended: at, hosts };
}

export function noSuchRun(run: RunId): FlashfleetError {
  return new FlashfleetError("not_found", `there is no run ${run}`, { hint: "flashfleet runs lists them" });
}
