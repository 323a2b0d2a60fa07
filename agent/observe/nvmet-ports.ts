import type { System } from "../system/system.ts";
import { parseKernelInteger } from "./kernel-integer.ts";
import { observeLinks } from "./nvmet-links.ts";
import type { ObservedPort } from "./observed.ts";
import { eachThere, ifThere, listIfThere, readAttribute, readAttributes } from "./tolerant.ts";

export async function observePorts(system: System, root: string): Promise<ObservedPort[]> {
  const ports = await eachThere(await listIfThere(system, root), async (directory) => {
    const path = `${root}/${directory}`;
    const files = await ifThere(system.list(path));
    if (files === undefined) return undefined;
    const [attributes, links, anaGroups, referrals] = await Promise.all([
      readAttributes(
        system,
        path,
        files.filter((name) => /^(addr|param)_/.test(name)),
      ),
      observeLinks(system, `${path}/subsystems`),
      observeAnaGroups(system, `${path}/ana_groups`),
      observeReferrals(system, `${path}/referrals`),
    ]);
    return { id: parseKernelInteger(directory), directory, attributes, links, anaGroups, referrals };
  });
  return ports.toSorted((a, b) => a.id - b.id);
}

async function observeAnaGroups(system: System, root: string): Promise<ObservedPort["anaGroups"]> {
  const groups = await eachThere(await listIfThere(system, root), async (directory) => {
    const state = await readAttribute(system, `${root}/${directory}/ana_state`);
    return state === undefined ? undefined : { id: parseKernelInteger(directory), state };
  });
  return groups.toSorted((a, b) => a.id - b.id);
}

async function observeReferrals(system: System, root: string): Promise<ObservedPort["referrals"]> {
  return eachThere(await listIfThere(system, root), async (name) => {
    const files = await ifThere(system.list(`${root}/${name}`));
    return files === undefined
      ? undefined
      : { name, attributes: await readAttributes(system, `${root}/${name}`, files) };
  });
}
