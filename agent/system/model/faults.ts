import type { Clock, Deadline, Millis } from "../../../shared/clock.ts";
import { type Op, type System, SystemError } from "../system.ts";
import { placeOf } from "./operations.ts";
import { within } from "./within.ts";

export type Method = keyof System;

/** One thing that a system was asked. */
export interface Operation {
  method: Method;
  /** Of `do`. */
  op?: Op["op"];
  /** What it is about: a path, a module, a program with its arguments, `10.0.0.1:4420`. */
  path: string;
}

/** Which operations a fault is for: those that are all of this. */
export interface Matching {
  method?: Method;
  op?: Op["op"];
  /** A regular expression, found anywhere in the path. */
  path?: string;
}

export type Trouble =
  /** It is refused, and nothing is done. */
  | { is: "errno"; errno: string }
  /**
   * It stands still, for ever or for so long, and is done before or after that. Who asked gets ETIMEDOUT at the deadline; what
   * was begun goes on.
   */
  | { is: "hang"; done: "before" | "after"; millis?: Millis }
  /** The process that asks is killed: this is never answered, and nothing that it asks from then on is done. */
  | { is: "kill"; when: "before" | "after" }
  /** The same for the whole node. */
  | { is: "power loss"; when: "before" | "after" };

/** As data: what happens to one operation of a run, or to all from one on. */
export interface Fault {
  /** Default: every operation. */
  at?: Matching;
  /** How many that match pass first. Default 0. */
  after?: number;
  /** Default `once`. */
  times?: "once" | "for ever";
  trouble: Trouble;
}

/** A model node, as faults need it. */
export interface Breakable extends System {
  readonly clock: Clock;
  powerOff(): Promise<void>;
}

/** A system on which things go wrong. */
export interface FaultySystem extends System {
  /** What it was asked so far, in order, this view alone. Their number says how many faults a run has places for. */
  readonly operations: readonly Operation[];
  /** Resolves once the process was killed or the power lost. */
  readonly ended: Promise<void>;
}

/** As agents on Linux wait for an answer that has no deadline of its own. */
const readPatience: Millis = 10_000;

/** A view of a model node on which these faults happen, each counting for itself; the node's own methods are as before. */
export function withFaults(system: Breakable, faults: readonly Fault[]): FaultySystem {
  const { clock } = system;
  const operations: Operation[] = [];
  const armed = faults.map((fault) => ({ fault, path: new RegExp(fault.at?.path ?? ""), seen: 0 }));
  let isDead = false;
  let die = () => {};
  const ended = new Promise<void>((resolve) => {
    die = resolve;
  });

  function troubleAt(operation: Operation): Trouble | undefined {
    operations.push(operation);
    let found: Trouble | undefined;
    for (const each of armed) {
      if (!matches(operation, each.fault.at ?? {}, each.path)) continue;
      const over = each.seen++ - (each.fault.after ?? 0);
      if (over === 0 || (over > 0 && each.fault.times === "for ever")) found ??= each.fault.trouble;
    }
    return found;
  }

  async function end(trouble: { is: "kill" | "power loss" }): Promise<never> {
    isDead = true;
    if (trouble.is === "power loss") await system.powerOff();
    die();
    return silence();
  }

  async function ask<R>(operation: Operation, deadline: Deadline | undefined, act: () => Promise<R>): Promise<R> {
    if (isDead) return silence();
    try {
      const answer = await attempt(operation, deadline, act);
      return isDead ? await silence() : answer;
    } catch (error) {
      if (isDead) return silence();
      throw error;
    }
  }

  async function attempt<R>(operation: Operation, deadline: Deadline | undefined, act: () => Promise<R>): Promise<R> {
    const trouble = troubleAt(operation);
    switch (trouble?.is) {
      case undefined:
        return act();
      case "errno":
        throw new SystemError(trouble.errno, operation.path, operation.op ?? operation.method);
      case "hang": {
        const work = hang(clock, trouble, act);
        work.catch(() => {});
        const { op, method, path } = operation;
        const late = () => new SystemError("ETIMEDOUT", path, op ?? method);
        return within(clock, deadline ?? clock.now() + readPatience, work, late);
      }
      case "kill":
      case "power loss":
        // What it was refused with was never seen.
        if (trouble.when === "after") await act().catch(() => undefined);
        return end(trouble);
    }
  }

  function stream<R>(operation: Operation, deadline: Deadline, all: AsyncIterable<R>): AsyncIterable<R> {
    const items = all[Symbol.asyncIterator]();
    return (async function* () {
      try {
        let next = await ask(operation, deadline, () => items.next());
        while (!next.done) {
          yield next.value;
          next = await items.next();
          if (isDead) await silence();
        }
      } finally {
        await items.return?.();
      }
    })();
  }

  return {
    operations,
    ended,
    read: (path) => ask({ method: "read", path }, undefined, () => system.read(path)),
    list: (path) => ask({ method: "list", path }, undefined, () => system.list(path)),
    readlink: (path) => ask({ method: "readlink", path }, undefined, () => system.readlink(path)),
    realpath: (path) => ask({ method: "realpath", path }, undefined, () => system.realpath(path)),
    stat: (path) => ask({ method: "stat", path }, undefined, () => system.stat(path)),
    openExclusive: (path) => ask({ method: "openExclusive", path }, undefined, () => system.openExclusive(path)),
    do: (op, deadline) => ask({ method: "do", op: op.op, path: placeOf(op) }, deadline, () => system.do(op, deadline)),
    exec: (command, deadline) =>
      stream({ method: "exec", path: command.argv.join(" ") }, deadline, system.exec(command, deadline)),
    dial: (to, deadline) =>
      ask({ method: "dial", path: `${to.address}:${to.port}` }, deadline, () => system.dial(to, deadline)),
    addresses: () => ask({ method: "addresses", path: "" }, undefined, () => system.addresses()),
    hostname: () => ask({ method: "hostname", path: "" }, undefined, () => system.hostname()),
    changes: (signal) => stream({ method: "changes", path: "" }, Number.POSITIVE_INFINITY, system.changes(signal)),
  };
}

function matches(operation: Operation, { method, op }: Matching, path: RegExp): boolean {
  return (
    (method === undefined || operation.method === method) &&
    (op === undefined || operation.op === op) &&
    path.test(operation.path)
  );
}

function silence(): Promise<never> {
  return new Promise(() => {});
}

async function hang<R>(
  clock: Clock,
  { done, millis }: Extract<Trouble, { is: "hang" }>,
  act: () => Promise<R>,
): Promise<R> {
  const pause = () => (millis === undefined ? silence() : clock.sleep(millis));
  if (done === "after") await pause();
  const answer = await act();
  if (done === "before") await pause();
  return answer;
}
