import type { ConnectOptions } from "../../../agent/system/system.ts";
import type { Act, Row } from "../row.ts";

/*
 * Acts as people write them.
 */

export const mkdir = (path: string): Act => ({ act: "mkdir", path });
export const rmdir = (path: string): Act => ({ act: "rmdir", path });
export const unlink = (path: string): Act => ({ act: "unlink", path });
export const link = (path: string, to: string): Act => ({ act: "link", path, to });
export const write = (path: string, value: string): Act => ({ act: "write", path, value });
export const read = (path: string): Act => ({ act: "read", path });
export const connect = (options: ConnectOptions): Act => ({ act: "connect", options });
export const wait = (seconds: number): Act => ({ act: "wait", seconds });

/** A value that is written, what that gives, and what the attribute reads afterwards where that is told. */
export type Value = readonly [value: string, gives: string, reads?: string];

/** One row for each value of an attribute, each on a fresh state. */
export function values(
  given: readonly Act[],
  path: string,
  table: readonly Value[],
  conditions: Pick<Row, "since" | "until" | "needs" | "lacks"> = {},
): Row[] {
  return table.map(([value, gives, reads]) => ({
    says: `${path.slice(path.lastIndexOf("/") + 1)} <- ${shown(value)}${gives === "ok" ? "" : ` is ${gives}`}`,
    given,
    when: write(path, value),
    gives,
    ...(reads !== undefined && { shows: { [path]: reads } }),
    ...conditions,
  }));
}

const mostShown = 50;

function shown(value: string): string {
  const text = JSON.stringify(value);
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}… (${value.length} bytes)`;
}
