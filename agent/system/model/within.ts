import { type Clock, type Deadline, left } from "../../../shared/clock.ts";

/** A timer of Node's holds 31 bits of milliseconds; a longer one fires at once. */
const longestTimer = 0x7fffffff;

/** Waits no longer than the deadline, then rejects with what `late` makes; what was begun goes on, as in the kernel. */
export async function within<R>(clock: Clock, deadline: Deadline, work: Promise<R>, late: () => Error): Promise<R> {
  const patience = new AbortController();
  const over = clock.sleep(Math.min(left(clock, deadline), longestTimer), patience.signal).then(() => {
    throw late();
  });
  over.catch(() => {});
  try {
    return await Promise.race([work, over]);
  } finally {
    patience.abort();
  }
}
