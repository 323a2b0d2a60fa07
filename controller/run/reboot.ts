import { type Deadline, deadlineIn, left } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import { reboot as schema } from "../../shared/modules/actions/storage.ts";
import { CallId } from "../../shared/protocol/ids.ts";
import type { JsonRecord } from "../../shared/protocol/json.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import type { Condition } from "../../shared/protocol/report.ts";
import type { EvaluatedArguments } from "./arguments.ts";
import { dependantsOf } from "./covered-hosts.ts";
import { PathsBack } from "./paths-back.ts";
import { type Bench, type Job, performAction, returned } from "./perform.ts";

/** Milliseconds between two tries of test_command. */
const testPause = 2000;

/** What is known of a reboot that is under way. */
interface Reboot {
  bench: Bench;
  job: Job;
  args: ArgumentsOf<"reboot">;
  deadline: Deadline;
}

/**
 * Reboots a node and waits until it is back: booted anew, with what its spec says restored, and `test_command` content. The order
 * is never sent to another boot than the one that it is to end.
 */
export async function performReboot(bench: Bench, job: Job, given: EvaluatedArguments): Promise<Done> {
  const { fleet, clock, signal } = bench;
  const args = schema.parse(given.parsed);
  await returned(bench, job);
  const { all: dependants, covered } = await dependantsOf(bench, job.node);
  if (bench.check) return performAction(bench, { ...job, covered }, "reboot", given);
  if (fleet.isOwnMachine(job.node)) {
    throw new FlashfleetError("plan_refused", `cannot reboot ${job.node}: the controller of this run runs on it`, {
      hint: "reboot it by hand; runs go on once the controller is started again",
    });
  }
  const began = clock.now();
  const before = fleet.find(job.node);
  const delay = args.reboot_command === undefined ? args.pre_reboot_delay : 0;
  const deadline = deadlineIn(clock, (job.timeout ?? delay + args.reboot_timeout) * 1000);
  const reboot: Reboot = { bench, job: { ...job, covered }, args, deadline };
  using paths = new PathsBack(bench, dependants);
  const ordered = await order(reboot, given);
  if (ordered !== undefined && ordered.outcome !== "changed") return ordered;
  job.onProgress(`${job.node} has booted`);
  await settled(reboot, before?.report?.conditions ?? []);
  job.onProgress("waiting for the hosts that were connected");
  await paths.wait(deadline);
  if (args.reboot_command === undefined) await clock.sleep(args.post_reboot_delay * 1000, signal);
  await tested(reboot);
  const elapsed = Math.round((clock.now() - began) / 1000);
  return done(reboot, { rebooted: true, elapsed });
}

/** Sends the order. Undefined once the node has booted without an answer, which is the common way; else what the node says. */
async function order({ bench, job, deadline }: Reboot, given: EvaluatedArguments): Promise<Done | undefined> {
  const { fleet, clock, signal } = bench;
  // Of the boot that ends. What a resumed run finds may be the new one already: then the node's journal knows.
  let bootId = fleet.find(job.node)?.hello.bootId;
  const hasBooted = () => bootId !== undefined && fleet.find(job.node)?.hello.bootId !== bootId;
  const booted = new AbortController();
  using _ = fleet.onChange(() => {
    if (hasBooted()) booted.abort(new Error("the node has booted"));
  });
  const waiting = { ...bench, signal: AbortSignal.any([signal, booted.signal]) };
  for (;;) {
    const session = fleet.find(job.node)?.session;
    try {
      const timeout = left(clock, deadline) / 1000;
      return await performAction(waiting, { ...job, bootId, timeout }, "reboot", given);
    } catch (error) {
      signal.throwIfAborted();
      if (hasBooted()) return undefined;
      if (!(error instanceof FlashfleetError && error.code === "node_unreachable")) throw late(job, error);
    }
    // It goes down, or its agent was started again, which then takes the order up.
    const isBack = () => hasBooted() || fleet.find(job.node)?.session !== session;
    if (!(await fleet.until(isBack, deadline, signal))) throw late(job, undefined);
    if (hasBooted()) return undefined;
    bootId ??= fleet.find(job.node)?.hello.bootId;
  }
}

function late({ node }: Job, error: unknown): unknown {
  if (error instanceof FlashfleetError && error.code !== "deadline") return error;
  return new FlashfleetError("deadline", `cannot see ${node} again: it was told to reboot, and has not come back`, {
    hint: "look at its console; it may take longer than reboot_timeout, or flashfleet-agent does not start with it",
    cause: error,
  });
}

/** Waits until the agent has restored what the spec says; what could not be restored before may stay so. */
async function settled({ bench, job, deadline }: Reboot, before: readonly Condition[]): Promise<void> {
  const { fleet, signal } = bench;
  const nameOf = ({ code, resource }: Condition) => `${code} ${resource ?? ""}`;
  const known = new Set(before.map(nameOf));
  const report = () => {
    const node = fleet.find(job.node);
    return node?.report?.bootId === node?.hello.bootId ? node?.report : undefined;
  };
  const missing = () => (report()?.conditions ?? []).filter((each) => !known.has(nameOf(each)));
  job.onProgress("waiting for its exports and connections");
  if (await fleet.until(() => report()?.settled === true && missing().length === 0, deadline, signal)) return;
  const [first] = missing();
  const why = first === undefined ? "its agent has not told that it is done" : first.message;
  throw new FlashfleetError("not_converging", `cannot bring back all of ${job.node} after its boot: ${why}`, {
    hint: "the node itself is up; flashfleet health says what is missing",
  });
}

async function tested(reboot: Reboot): Promise<void> {
  const { bench, job, args, deadline } = reboot;
  const { test_command: cmd } = args;
  if (cmd === undefined) return;
  for (let attempt = 1; ; attempt++) {
    const call = CallId.parse(`${job.call}_test${attempt}`);
    const timeout = Math.max(1, left(bench.clock, deadline) / 1000);
    const given = { parsed: { cmd, executable: "/bin/sh" }, secrets: {} };
    const { outcome, result } = await performAction(
      bench,
      { ...job, covered: undefined, call, timeout },
      "shell",
      given,
    );
    if (outcome === "changed") return;
    if (left(bench.clock, deadline) <= testPause) {
      const said = JSON.stringify(result).slice(0, 300);
      throw new FlashfleetError("deadline", `cannot wait longer for test_command on ${job.node}: it fails: ${said}`, {
        hint: "the node has booted; a service that it asks for may need longer than reboot_timeout",
      });
    }
    await bench.clock.sleep(testPause, bench.signal);
  }
}

function done({ bench, job }: Reboot, result: JsonRecord): Done {
  const generation = bench.fleet.find(job.node)?.generation ?? 0;
  return { v: 1, id: CallId.parse(job.call), is: "done", outcome: "changed", generation, steps: [], result };
}
