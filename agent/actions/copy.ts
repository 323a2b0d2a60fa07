import { basename, join } from "node:path/posix";
import { FlashfleetError } from "../../shared/errors.ts";
import type { Action } from "./action.ts";
import { readAccess } from "./files/access.ts";
import { followed, lookAt, needDirectory, shown } from "./files/look.ts";
import { makeDirectories } from "./files/make.ts";
import { writeFile } from "./files/write.ts";

/** Gives the node a file whose content came with the order; below a directory it gets the name of its source. */
export const copy: Action<"copy"> = async (args, context) => {
  const { system } = context;
  const { content, src, backup, force } = args;
  if (content === undefined) {
    throw new FlashfleetError("bad_argument", "cannot copy: neither src nor content is given", {
      hint: 'copy: { src: motd, dest: /etc/motd }, or { content: "text", dest: /etc/motd }',
    });
  }
  const real = await followed(system, args.dest);
  const isDirectory = real !== undefined && (await lookAt(system, real))?.kind === "directory";
  const wantsDirectory = args.dest.endsWith("/");
  if ((isDirectory || wantsDirectory) && src === undefined) {
    throw new FlashfleetError("bad_argument", `cannot write the content to ${args.dest}: it is a directory`, {
      hint: "name the file in it",
    });
  }
  const access = await readAccess(system, args);
  if (wantsDirectory && !isDirectory) await makeDirectories(args.dest, context);
  const path = src === undefined || !(isDirectory || wantsDirectory) ? args.dest : join(args.dest, basename(src));
  await needDirectory(system, path);
  if (!force && (await lookAt(system, path)) !== undefined) {
    return { outcome: "ok", result: { dest: path, ...(await shown(system, path)) } };
  }
  const { changed, result } = await writeFile({ path, content, access, backup }, context);
  return { outcome: changed ? "changed" : "ok", result: { dest: path, ...result } };
};
