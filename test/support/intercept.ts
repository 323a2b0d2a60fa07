import type { System } from "../../agent/system/system.ts";

/** A system whose methods do something else where `instead` says so. */
export function intercept(system: System, instead: Partial<System>): System {
  return {
    read: (path) => system.read(path),
    list: (path) => system.list(path),
    readlink: (path) => system.readlink(path),
    realpath: (path) => system.realpath(path),
    stat: (path) => system.stat(path),
    openExclusive: (path) => system.openExclusive(path),
    do: (op, deadline) => system.do(op, deadline),
    exec: (command, deadline) => system.exec(command, deadline),
    dial: (to, deadline) => system.dial(to, deadline),
    addresses: () => system.addresses(),
    hostname: () => system.hostname(),
    changes: (signal) => system.changes(signal),
    ...instead,
  };
}

/** Fails ops from the nth on (counted from 0) with `error`, or only the nth. Counts those that were asked for. */
export function failing(system: System, at: number, error: Error, which: "from then on" | "once" = "from then on") {
  const count = { ops: 0 };
  const failing = intercept(system, {
    do: async (op, deadline) => {
      const now = count.ops++;
      if (which === "once" ? now === at : now >= at) throw error;
      await system.do(op, deadline);
    },
  });
  return { system: failing, count };
}

/** Stands still for ever before or after it did the nth op (counted from 0), as where the process is killed; `killed` resolves then. */
export function killing(system: System, at: number, when: "before" | "after" = "before") {
  let count = 0;
  let die = () => {};
  const killed = new Promise<void>((resolve) => {
    die = resolve;
  });
  const dying = intercept(system, {
    do: async (op, deadline) => {
      const last = count++ >= at;
      if (!last || when === "after") await system.do(op, deadline);
      if (!last) return;
      die();
      await new Promise(() => {});
    },
  });
  return { system: dying, killed };
}
