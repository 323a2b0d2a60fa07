import type { CompiledValue } from "../template/compiled-value.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry } from "./yaml-node.ts";

/**
 * `async: SECONDS` with `poll`: a task here is followed live however long it takes, so this says no more than how long it may.
 * `poll: 0` is refused: what goes on behind the end of a run would work on a node that the next run holds for itself.
 */
export function readAsync(reader: Reader, keywords: ReadonlyMap<string, YamlEntry>): CompiledValue | undefined {
  const limit = keywords.get("async");
  const poll = keywords.get("poll");
  const interval = poll === undefined ? undefined : reader.number(poll, 0);
  if (limit === undefined) return undefined;
  const seconds = reader.numberOrTemplate(limit, 0);
  if (seconds.json === 0) return undefined;
  if (poll !== undefined && interval === 0) {
    return reader.problem(
      poll.keyAt,
      "'poll: 0' would leave the task running behind the run's end",
      "leave poll out: hosts work side by side all the same, with strategy: free none waits for another; what is to go on " +
        "for good is a service: command: systemd-run --unit=NAME PROGRAM",
    );
  }
  return seconds;
}
