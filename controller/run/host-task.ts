import { callId } from "./call-id.ts";
import type { HostTask } from "./call-module.ts";
import type { TaskResult } from "./entry.ts";
import type { BatchOf, Stage } from "./stage.ts";

interface On {
  host: string;
  /** Of this batch, those that still take part. */
  hosts: readonly string[];
  /** As it was announced. */
  task: number;
  /** Told of each item of a loop. */
  onItem(result: TaskResult): void;
}

/** A step of a batch on one of its hosts, with the journal told of what happens. */
export function hostTask(stage: Stage, { play, at }: BatchOf, { host, hosts, task, onItem }: On): HostTask {
  const { bench, scopes, redaction, journal, plan } = stage;
  return {
    bench,
    scopes,
    redaction,
    clock: bench.clock,
    play,
    hosts,
    host,
    call: callId(plan, bench.run, { ...at, task, host }),
    onItem: (result) => {
      journal.result(task, result);
      onItem(result);
    },
    onProgress: (text, stream) =>
      journal.progress({
        is: "progress",
        host,
        text: redaction.text(text),
        ...(stream === undefined ? {} : { stream }),
      }),
    onRetry: (text) => journal.progress({ is: "progress", host, text: redaction.text(text), retry: true }),
  };
}
