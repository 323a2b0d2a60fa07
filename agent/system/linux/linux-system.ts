import { hostname } from "node:os";
import { type Clock, deadlineIn, type Millis } from "../../../shared/clock.ts";
import type { System } from "../system.ts";
import { monitors, watch } from "./changes.ts";
import { createRunChild } from "./child.ts";
import { execProgram } from "./exec.ts";
import { createExecutors, execute } from "./executors.ts";
import { createLimit } from "./limits.ts";
import { dialTcp, interfaceAddresses } from "./network.ts";
import { listNames, readTarget, readText, resolvePath, statPath, tryExclusive } from "./read.ts";
import { type Environment, systemPath, untranslated } from "./tools.ts";

export interface LinuxSystemOptions {
  clock: Clock;
  /** Of the programs that it runs. Default: a PATH of the system's folders and nothing else. */
  environment?: Environment;
  /** After so long a read, a list or a stat that does not answer is ETIMEDOUT. Default 10 s. */
  readMillis?: Millis;
}

/** The operating system that this process runs on. Writing to most of it takes root. */
export function createLinuxSystem({ clock, environment, readMillis = 10_000 }: LinuxSystemOptions): System {
  const own = environment ?? { PATH: systemPath };
  const tools = untranslated(own);
  const limit = createLimit(clock);
  const runChild = createRunChild(clock, tools);
  const executors = createExecutors(limit, runChild);
  const soon = <T>(doing: string, path: string, call: () => Promise<T>) =>
    limit(doing, path, deadlineIn(clock, readMillis), call);
  const oneByOne = inTurn();
  return {
    read: (path) => soon("read", path, () => readText(path)),
    list: (path) => soon("list", path, () => listNames(path)),
    readlink: (path) => soon("readlink", path, () => readTarget(path)),
    realpath: (path) => soon("resolve", path, () => resolvePath(path)),
    stat: (path) => soon("stat", path, () => statPath(path)),
    openExclusive: (path) => oneByOne(() => soon("open", path, () => tryExclusive(path))),
    do: (op, deadline) => execute(executors, op, deadline),
    exec: (command, deadline) => execProgram(clock, own, command, deadline),
    dial: (to, deadline) => dialTcp(clock, to, deadline),
    addresses: async () => interfaceAddresses(),
    hostname: async () => hostname(),
    changes: (signal) => watch(clock, tools, monitors, signal),
  };
}

/** Two exclusive opens at once, of one device or of a disk and its partition, would take each other for a user of it. */
function inTurn(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call) => {
    const next = last.then(call);
    last = next.catch(() => undefined);
    return next;
  };
}
