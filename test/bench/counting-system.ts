import type { System } from "../../agent/system/system.ts";

/** Calls of a system by what they are: `read`, `list`, … and each kind of `do`. */
export type Counts = Record<string, number>;

/** A system that counts what it is asked for; `counts` is written on and may be emptied. */
export function counting(
  system: System,
  counts: Counts,
  onCall: (name: string, about: string) => void = () => {},
): System {
  const count = (name: string, about: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
    onCall(name, about);
  };
  const counted =
    <T>(name: string, call: (path: string) => T) =>
    (path: string) => {
      count(name, path);
      return call(path);
    };
  return {
    read: counted("read", (path) => system.read(path)),
    list: counted("list", (path) => system.list(path)),
    readlink: counted("readlink", (path) => system.readlink(path)),
    realpath: counted("realpath", (path) => system.realpath(path)),
    stat: counted("stat", (path) => system.stat(path)),
    openExclusive: counted("open", (path) => system.openExclusive(path)),
    do: (op, deadline) => {
      count("do", "path" in op ? `${op.op} ${op.path}` : op.op);
      return system.do(op, deadline);
    },
    exec: (command, deadline) => {
      count("exec", command.argv[0]);
      return system.exec(command, deadline);
    },
    dial: (to, deadline) => {
      count("dial", to.address);
      return system.dial(to, deadline);
    },
    addresses: () => system.addresses(),
    hostname: () => system.hostname(),
    changes: (signal) => system.changes(signal),
  };
}
