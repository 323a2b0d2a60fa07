import type { KernelModule } from "../../../shared/modules/kinds/kernel-module.ts";
import type { Seen } from "../../observe/observed.ts";

export const sees = ["kernel"] as const;

/** Every module that is loaded or built in. */
export function current(seen: Seen<"kernel">): KernelModule[] {
  return [...seen.kernel.modules].map((name) => ({ name, state: "present" }));
}
