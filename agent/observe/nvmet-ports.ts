import type { System } from "../system/system.ts";
import type { Focus } from "./focus.ts";
import { parseKernelInteger } from "./kernel-integer.ts";
import { filesOf, isGone } from "./nvmet-files.ts";
import { observeLinks } from "./nvmet-links.ts";
import type { ObservedPort } from "./observed.ts";
import { eachThere, ifThere, listIfThere, readAttribute, readAttributes } from "./tolerant.ts";

const portAttributes = {
  settable: [
    "addr_adrfam",
    "addr_traddr",
    "addr_treq",
    "addr_trsvcid",
    "addr_trtype",
    "addr_tsas",
    "param_inline_data_size",
    "param_max_queue_size",
  ],
  reported: ["addr_traddr", "addr_trsvcid", "addr_trtype"],
} as const;

export async function observePorts(system: System, root: string, focus: Focus): Promise<ObservedPort[]> {
  const ports = await eachThere(await listIfThere(system, root), async (directory) => {
    const path = `${root}/${directory}`;
    const files = await filesOf(system, path, focus, portAttributes);
    if (files === undefined) return undefined;
    const [attributes, links, anaGroups, referrals] = await Promise.all([
      readAttributes(
        system,
        path,
        files.filter((name) => /^(addr|param)_/.test(name)),
      ),
      observeLinks(system, `${path}/subsystems`),
      focus.attributes === "reported" ? [] : observeAnaGroups(system, `${path}/ana_groups`),
      focus.attributes === "reported" ? [] : observeReferrals(system, `${path}/referrals`),
    ]);
    if (isGone(attributes, focus)) return undefined;
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
