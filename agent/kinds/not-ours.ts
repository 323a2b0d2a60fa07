import type { Refusal } from "./kind.ts";

/** The refusal to remove what the ownership record does not name. */
export function notOurs(resource: string, what: string): Refusal {
  return {
    resource,
    error: {
      code: "not_ours",
      message: `cannot remove ${what}: flashfleet did not create it`,
      hint: "remove it with the tool that made it; flashfleet removes only what its ownership record names",
    },
  };
}
