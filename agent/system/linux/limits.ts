import { type Clock, type Deadline, left } from "../../../shared/clock.ts";
import { SystemError } from "../system.ts";
import { toSystemError } from "./errno.ts";

/** Of the four threads that Node has for files, how many calls that hang in the kernel may keep. */
const mostHanging = 3;

/** Runs a call on a file until a deadline; what does not come back keeps a thread, so there is an end to that too. */
export type Limit = <T>(doing: string, path: string, deadline: Deadline, call: () => Promise<T>) => Promise<T>;

/**
 * A call that hangs in the kernel cannot be stopped, only left behind. While one hangs on a path no other is begun there, and
 * while three hang none is begun at all: a fourth would take the last thread from everything else in this process.
 */
export function createLimit(clock: Clock): Limit {
  const hanging = new Set<string>();
  return (doing, path, deadline, call) => {
    if (hanging.has(path)) return Promise.reject(timedOut(doing, path, "an earlier call still hangs in the kernel"));
    if (hanging.size >= mostHanging) {
      const all = [...hanging].join(", ");
      return Promise.reject(timedOut(doing, path, `calls hang in the kernel: ${all}`));
    }
    return new Promise((resolve, reject) => {
      let late: NodeJS.Immediate | undefined;
      const giveUp = () => {
        hanging.add(path);
        reject(timedOut(doing, path));
      };
      // Where this process itself stood still (a paused machine, no processor to be had), its timers are due before it hears
      // of what was answered in the meantime: that comes first.
      const timer = setTimeout(
        () => {
          late = setImmediate(giveUp);
        },
        left(clock, deadline),
      );
      call()
        .then(resolve, (error: unknown) => reject(toSystemError(error, doing, path)))
        .finally(() => {
          clearTimeout(timer);
          clearImmediate(late);
          hanging.delete(path);
        });
    });
  };
}

function timedOut(doing: string, path: string, detail?: string): SystemError {
  return new SystemError("ETIMEDOUT", path, doing, detail === undefined ? {} : { detail });
}
