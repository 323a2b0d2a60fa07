/** Milliseconds. On a {@link Clock}'s monotonic scale unless a name says wall clock. */
export type Millis = number;

/** A moment on the monotonic scale of the clock that made it, after which nobody waits any more. */
export type Deadline = Millis;

/** Time as it is injected, so that tests and the model kernel decide how fast it goes. */
export interface Clock {
  /** Wall clock, Unix milliseconds: to show and to compare over machines, never to measure. */
  wall(): Millis;
  /** Monotonic milliseconds of this process. */
  now(): Millis;
  /** Rejects with the signal's reason when it is aborted. */
  sleep(millis: Millis, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  now: () => performance.now(),
  sleep: (millis, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        Math.max(0, millis),
      );
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/** The deadline that lies `millis` from now. */
export function deadlineIn(clock: Clock, millis: Millis): Deadline {
  return clock.now() + millis;
}

/** Milliseconds left, never below zero. */
export function left(clock: Clock, deadline: Deadline): Millis {
  return Math.max(0, deadline - clock.now());
}
