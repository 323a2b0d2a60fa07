import { Worker } from "node:worker_threads";

/** Milliseconds of one input, after which nobody waits any longer: the whole process is ended, and says which input it was. */
const patience = 60_000;

const program = `
const { workerData: { count, seed, millis } } = require("node:worker_threads");
let last = -1;
setInterval(() => {
  const now = Atomics.load(count, 0);
  if (now !== last) return void (last = now);
  require("node:fs").writeSync(2, "input " + now + " of seed " + seed + " does not end\\n");
  process.kill(process.pid, "SIGKILL");
}, millis);
`;

/** Watches, from another thread, that the inputs go by: a loop without end leaves this one no chance to tell. */
export function watch(seed: number): Disposable & { reached(number: number): void } {
  const count = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { count, seed, millis: patience } });
  worker.unref();
  return {
    reached: (number) => void Atomics.store(count, 0, number),
    [Symbol.dispose]: () => void worker.terminate(),
  };
}
