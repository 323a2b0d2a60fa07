import type { System } from "../system/system.ts";
import { eachThere, ifReadable, listIfThere } from "./tolerant.ts";

/** Links by their targets' last name: the name of the link itself is free (fs/configfs/symlink.c). */
export async function observeLinks(system: System, directory: string): Promise<{ link: string; nqn: string }[]> {
  return eachThere(await listIfThere(system, directory), async (link) => {
    const nqn = (await ifReadable(system.readlink(`${directory}/${link}`)))?.split("/").at(-1);
    return nqn === undefined ? undefined : { link, nqn };
  });
}
