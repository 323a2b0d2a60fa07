import type { Act } from "../row.ts";
import type { Parting } from "./follow.ts";
import type { Step } from "./foresee.ts";

/** A walk as people read it, with what each act gave; at its end where the kernel parted from the model. */
export function renderWalk(steps: readonly Step[], parting: Parting): string {
  const lines = renderSteps(steps.slice(0, parting.at + 1));
  if (parting.gives !== undefined) lines.push(`    the kernel: ${parting.gives}`);
  for (const [key, { foreseen, seen }] of Object.entries(parting.shows)) {
    lines.push(`    ${key}`, `      the model:  ${foreseen ?? "(absent)"}`, `      the kernel: ${seen ?? "(absent)"}`);
  }
  return lines.join("\n");
}

/** A walk that the machine never answered, with the end of what its kernel said. */
export function renderHang(steps: readonly Step[], error: unknown, console: string): string {
  return [
    ...renderSteps(steps),
    `    the machine did not answer: ${String(error)}; the last of its console:`,
    console,
  ].join("\n");
}

function renderSteps(steps: readonly Step[]): string[] {
  return steps.map(({ act, gives }) => `  ${renderAct(act)}: ${gives}`);
}

function renderAct(act: Act): string {
  switch (act.act) {
    case "write":
      return `write ${act.path} <- ${JSON.stringify(act.value)}`;
    case "link":
      return `link ${act.path} -> ${act.to}`;
    case "replace":
      return `replace ${act.path} with ${act.content.length} bytes`;
    case "connect":
      return `connect ${Object.entries(act.options)
        .map(([name, value]) => (value === true ? name : `${name}=${value}`))
        .join(",")}`;
    case "dial":
      return `dial ${act.address} ${act.port}`;
    case "wait":
      return `wait ${act.seconds} s`;
    case "mountConfigfs":
      return "mount configfs";
    case "modprobe":
    case "unload":
      return `${act.act} ${act.module}`;
    default:
      return `${act.act} ${act.path}`;
  }
}
