import type { System } from "../../../agent/system/system.ts";
import { fabricsControllers, namesIn, nvmet } from "../places.ts";
import { type Act, isOlder } from "../row.ts";

/*
 * What walks never do, whichever act leads there: it is left out at the moment when it would be done, so that a walk may be
 * cut anywhere and stays harmless. Nor do walks look at a controller's `address`: see rankedControllers (places.ts).
 */

interface Hazard {
  /** What would happen, and where that is known from. */
  why: string;
  /** Only on kernels older than this one. */
  until?: string;
  would(system: System, act: Act): boolean | Promise<boolean>;
}

/** More make nothing happen that few do not, and each takes a second to come back. */
const mostControllers = 4;

const hazards: readonly Hazard[] = [
  {
    why: "enabling a namespace with buffered_io and without device_path: NULL dereference on 5.19 to 7.2, and nvmet is wedged",
    would: async (system, act) =>
      isWriteTo(act, /namespaces\/[^/]+\/enable$/) &&
      (await shown(system, sibling(act, "device_path"))) === "(null)" &&
      (await shown(system, sibling(act, "buffered_io"))) === "1",
  },
  {
    why: "rmdir of a referral: nvmet_referral_release kills the process on 5.0 and 5.4, so none is made there",
    until: "5.10",
    would: (_, act) => act.act === "mkdir" && act.path.includes("/referrals/"),
  },
  {
    why: "enabling two spellings of one nsid: BUG_ON on 5.0 and 5.4, so odd ones are not made there",
    until: "5.10",
    would: (_, act) => act.act === "mkdir" && /namespaces\/(0.|\+)/.test(act.path),
  },
  {
    why: "a host of the last nsid: on 6.1 delete_controller hung for good (seen twice); 6.12 is well",
    until: "6.12",
    would: (_, act) => act.act === "mkdir" && act.path.endsWith("/namespaces/4294967294"),
  },
  {
    why: "a wrong key: a connect can take the admin timeout of a minute (6.8; seen on 6.12.117 too)",
    would: async (system, act) => {
      if (act.act === "connect") return hasOtherKey(system, String(act.options.hostnqn), act.options.dhchap_secret);
      // A host with this key may come back without it, or with another one.
      return isWriteTo(act, /^hosts\/[^/]+\/dhchap_/) && (await fabricsControllers(system)).length > 0;
    },
  },
  {
    why: "an ANA group that stays in change: the host resets its controllers after 20 s, at a moment that no walk can name",
    would: (_, act) => isWriteTo(act, /ana_state$/) && act.act === "write" && act.value.startsWith("change"),
  },
  {
    why: "unloading the initiator's transport under controllers that are connecting: known races of the driver's exit",
    would: async (system, act) => act.act === "unload" && (await fabricsControllers(system)).length > 0,
  },
  {
    why: "no crash: a walk with many controllers would only be slow",
    would: async (system, act) => act.act === "connect" && (await fabricsControllers(system)).length >= mostControllers,
  },
];

/** Why this act is not done in this state; undefined where it may be. */
export async function hazardOf(system: System, version: string, act: Act): Promise<string | undefined> {
  for (const { why, until, would } of hazards) {
    if (until !== undefined && !isOlder(version, until)) continue;
    if (await would(system, act)) return why;
  }
  return undefined;
}

function isWriteTo(act: Act, pattern: RegExp): boolean {
  return act.act === "write" && pattern.test(act.path);
}

function sibling(act: Act, name: string): string {
  return "path" in act ? act.path.replace(/[^/]+$/, name) : name;
}

async function shown(system: System, path: string): Promise<string> {
  const text = await system.read(path.startsWith("/") ? path : `${nvmet}/${path}`).catch(() => "");
  return text.replace(/\n$/, "");
}

/** Whether a host with this name and key would meet a target that wants another one. */
async function hasOtherKey(system: System, hostnqn: string, secret: unknown): Promise<boolean> {
  if (secret === undefined || !(await namesIn(system, `${nvmet}/hosts`)).includes(hostnqn)) return false;
  const key = await shown(system, `hosts/${hostnqn}/dhchap_key`);
  const ctrlKey = await shown(system, `hosts/${hostnqn}/dhchap_ctrl_key`);
  return (key !== "" && key !== secret) || (ctrlKey !== "" && key === "");
}
