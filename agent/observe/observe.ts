import type { System } from "../system/system.ts";
import { observeAddresses } from "./addresses.ts";
import { observeDrives } from "./drives.ts";
import { observeFabrics } from "./fabrics.ts";
import { observeHost } from "./host.ts";
import { observeKernel, observeParameters } from "./kernel.ts";
import { observeListeners } from "./listeners.ts";
import { observeNvmet } from "./nvmet.ts";
import type { Observed, Section, Seen } from "./observed.ts";

const readers: { [S in Section]: (system: System) => Promise<Observed[S]> } = {
  kernel: observeKernel,
  parameters: observeParameters,
  host: observeHost,
  addresses: observeAddresses,
  drives: observeDrives,
  nvmet: observeNvmet,
  listeners: observeListeners,
  fabrics: observeFabrics,
};

/**
 * Reads these sections and no others, all at once. Rejects with a SystemError where one cannot be read: half an observation
 * would look like a node that has nothing.
 */
export async function observe<S extends Section>(system: System, sections: readonly S[]): Promise<Seen<S>> {
  const seen: Partial<Observed> = {};
  const fill = async <T extends Section>(section: T) => {
    seen[section] = await readers[section](system);
  };
  await Promise.all([...new Set<Section>(sections)].map(fill));
  // Every section of S has been filled, which a mapped type over a parameter cannot say.
  return seen as Seen<S>;
}
