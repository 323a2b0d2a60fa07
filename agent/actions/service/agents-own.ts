import { ifReadable } from "../../observe/tolerant.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { parseProperties } from "./unit.ts";

/** What stops a unit when it is stopped itself (systemd.unit(5)). */
const ties = ["Requires", "Requisite", "BindsTo", "PartOf"] as const;
/** From a service to its slices and the targets of early boot there are three or four steps. */
const mostSteps = 8;

/**
 * The units without which the agent does not go on: the one that it runs in, the slices around that, and what those need.
 * None where systemd did not start it.
 */
export async function unitsOfAgent(context: ActionContext): Promise<ReadonlySet<string>> {
  const { system, checking } = context;
  const text = (await ifReadable((checking?.node ?? system).read("/proc/self/cgroup"))) ?? "";
  const known = new Set(unitsIn(text));
  let fresh = [...known];
  for (let step = 0; step < mostSteps && fresh.length > 0; step++) {
    const { stdout } = await look(["systemctl", "show", `--property=${ties.join(",")}`, "--", ...fresh], context);
    const needed = stdout.split("\n\n").flatMap((block) => {
      const properties = parseProperties(block);
      return ties.flatMap((tie) => (properties[tie] ?? "").split(" ").filter(Boolean));
    });
    fresh = [...new Set(needed)].filter((unit) => !known.has(unit));
    for (const unit of fresh) known.add(unit);
  }
  return known;
}

/** Units in /proc/PID/cgroup (cgroups(7)), of the unified hierarchy or of systemd's own. */
export function unitsIn(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [, path] = /^\d+:(?:name=systemd)?:(.*)$/.exec(line) ?? [];
    return (path ?? "").split("/").filter((name) => /\.(service|scope|slice)$/.test(name));
  });
}
