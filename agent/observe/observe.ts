import type { System } from "../system/system.ts";
import { observeAddresses } from "./addresses.ts";
import { observeDrives } from "./drives.ts";
import { observeFabrics } from "./fabrics.ts";
import { type Chosen, everything, type Focus, joinChosen } from "./focus.ts";
import { observeHost } from "./host.ts";
import { observeKernel, observeParameters } from "./kernel.ts";
import { observeListeners } from "./listeners.ts";
import { observeNvmet } from "./nvmet.ts";
import type { Observed, ObservedNvmet, Section, Seen } from "./observed.ts";
import { observeSessions } from "./sessions.ts";
import { observeSizes } from "./sizes.ts";

/** Some sections as they were seen, and of what they show more than names. */
export interface Observation {
  seen: Partial<Observed>;
  focus: Focus;
}

/** `nvmet` is that of the same observation, where it has one. */
type Reader<S extends Section> = (
  system: System,
  focus: Focus,
  nvmet: Promise<ObservedNvmet> | undefined,
) => Promise<Observed[S]>;

const none: ReadonlySet<string> = new Set();

const readers: { [S in Section]: Reader<S> } = {
  kernel: observeKernel,
  parameters: (system, { modules }) => observeParameters(system, modules),
  host: observeHost,
  addresses: observeAddresses,
  drives: (system, { links }, nvmet) => observeDrives(system, withExported(links, nvmet)),
  sizes: async (system, { links }, nvmet) => {
    const paths = await withExported(links === "all" ? none : links, nvmet);
    return observeSizes(system, paths === "all" ? none : paths);
  },
  nvmet: (system, focus, nvmet) => nvmet ?? observeNvmet(system, focus),
  listeners: observeListeners,
  sessions: observeSessions,
  fabrics: observeFabrics,
};

/** Whatever a namespace names is to be found among the drives. */
async function withExported(links: Chosen, nvmet: Promise<ObservedNvmet> | undefined): Promise<Chosen> {
  if (links === "all" || nvmet === undefined) return links;
  const devices = (await nvmet).subsystems.flatMap(({ namespaces }) =>
    namespaces.flatMap(({ attributes }) => attributes.device_path ?? []),
  );
  return joinChosen(links, new Set(devices));
}

/**
 * Reads these sections and no others, all at once, and of their things those that `focus` names. Rejects with a SystemError
 * where one cannot be read: half an observation would look like a node that has nothing.
 */
export async function observe<S extends Section>(
  system: System,
  sections: readonly S[],
  focus: Focus = everything,
): Promise<Seen<S>> {
  const seen: Partial<Observed> = {};
  const asked = new Set<Section>(sections);
  const nvmet = asked.has("nvmet") ? observeNvmet(system, focus) : undefined;
  const fill = async <T extends Section>(section: T) => {
    seen[section] = await readers[section](system, focus, nvmet);
  };
  await Promise.all([...asked].map(fill));
  // Every section of S has been filled, which a mapped type over a parameter cannot say.
  return seen as Seen<S>;
}
