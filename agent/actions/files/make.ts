import type { ActionContext } from "../action.ts";
import { followed } from "./look.ts";

/** A directory and those above it that are missing, from the top. Gives the ones that it made. */
export async function makeDirectories(
  directory: string,
  { system, deadline }: Pick<ActionContext, "system" | "deadline">,
): Promise<string[]> {
  const made: string[] = [];
  let path = "";
  for (const name of directory.split("/").filter(Boolean)) {
    path += `/${name}`;
    if ((await followed(system, path)) !== undefined) continue;
    await system.do({ op: "mkdir", path }, deadline);
    made.push(path);
  }
  return made;
}
