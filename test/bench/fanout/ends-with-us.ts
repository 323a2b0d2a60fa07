import type { ChildProcess } from "node:child_process";

/** A process that goes on by itself is ended with this one, also where that is told to stop. Undone by the disposal. */
export function endsWithUs(child: ChildProcess): Disposable {
  const end = () => void child.kill("SIGTERM");
  const stop = () => process.exit(1);
  process.on("exit", end);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return {
    [Symbol.dispose]: () => {
      process.off("exit", end);
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
}
