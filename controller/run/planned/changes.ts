import type { NodeState } from "./planned.ts";

/**
 * How a node differs from what it was when a plan was made, in short sentences; none: it does not. undefined: it does not
 * answer, or did not then. Pure.
 */
export function changesOf(was: NodeState | undefined, is: NodeState | undefined): string[] {
  if (was === undefined) return is === undefined ? [] : ["it did not answer when the plan was made, and does now"];
  if (is === undefined) return ["it does not answer"];
  return [
    ...(was.bootId === is.bootId ? [] : ["it has booted since"]),
    ...(was.generation === is.generation ? [] : [`generation ${was.generation} → ${is.generation}`]),
    ...(was.host === is.host ? [] : ["its host NQN or host id is another"]),
    ...differences(was.exports, is.exports, {
      came: (nqn) => `exports ${nqn} now`,
      went: (nqn) => `does not export ${nqn} any more`,
      differs: (nqn, parts) => `exports ${nqn} with other ${parts}`,
      parts: { hosts: "hosts", namespaces: "namespaces", ports: "ports" },
    }),
    ...differences(was.connections, is.connections, {
      came: (nqn) => `is connected to ${nqn} now`,
      went: (nqn) => `is not connected to ${nqn} any more`,
      differs: (nqn, parts) => `is connected to ${nqn} with another ${parts}`,
      parts: { host: "host NQN", paths: "set of paths", namespaces: "set of disks" },
    }),
  ];
}

interface Words<P extends string> {
  came(nqn: string): string;
  went(nqn: string): string;
  differs(nqn: string, parts: string): string;
  parts: Readonly<Record<P, string>>;
}

function differences<P extends string>(
  were: readonly ({ nqn: string } & Record<NoInfer<P>, string>)[],
  are: readonly ({ nqn: string } & Record<NoInfer<P>, string>)[],
  { came, went, differs, parts }: Words<P>,
): string[] {
  const before = new Map(were.map((each) => [each.nqn, each]));
  const now = new Map(are.map((each) => [each.nqn, each]));
  const names = Object.keys(parts).filter((name): name is P => Object.hasOwn(parts, name));
  return [
    ...[...before.keys()].filter((nqn) => !now.has(nqn)).map(went),
    ...[...now].flatMap(([nqn, is]) => {
      const was = before.get(nqn);
      if (was === undefined) return [came(nqn)];
      const others = names.filter((name) => was[name] !== is[name]).map((name) => parts[name]);
      return others.length === 0 ? [] : [differs(nqn, others.join(" and "))];
    }),
  ];
}
