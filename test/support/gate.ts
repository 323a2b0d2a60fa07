import { intercept } from "../../agent/system/intercept.ts";
import type { ModelSystem } from "../../agent/system/model/model-system.ts";
import type { Command, Op, Output, System } from "../../agent/system/system.ts";

/** A point at which a node's work stands still until the test lets it go on. */
export interface Gate {
  /** Resolves when the work has come to the gate. */
  reached: Promise<void>;
  open(): void;
  through(system: ModelSystem): System;
}

/** At the program `gate`, or at the first op that `at` applies to. */
export function createGate(at: (op: Op) => boolean = () => false): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  async function* stand(): AsyncIterable<Output> {
    reach();
    await opened;
    yield { is: "stdout", text: "through the gate\n" };
    yield { is: "exit", code: 0, signal: null };
  }
  return {
    reached,
    open,
    through: (system) =>
      intercept(system, {
        exec: (command: Command, deadline) => (command.argv[0] === "gate" ? stand() : system.exec(command, deadline)),
        do: async (op, deadline) => {
          if (at(op)) {
            reach();
            await opened;
          }
          await system.do(op, deadline);
        },
      }),
  };
}
