import type { System } from "./system.ts";

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
