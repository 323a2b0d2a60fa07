import { dirname } from "node:path/posix";
import { FlashfleetError } from "../../../shared/errors.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import type { ActionContext } from "../action.ts";
import { followed, lookAt, readText } from "../files/look.ts";
import { makeDirectories } from "../files/make.ts";
import { writeFile } from "../files/write.ts";
import { runTool } from "../programs/run.ts";

const ownAccess = { mode: undefined, uid: undefined, gid: undefined };

export interface EditedFstab {
  changed: boolean;
  /** `backup_file`, `diff`. */
  result: JsonRecord;
  /** Puts back what was there. */
  undo(): Promise<void>;
}

/** Edits an fstab where it lies, written beside and renamed over, with its mode and owner; systemd is told where it runs. */
export async function editFstab(
  { fstab, backup }: { fstab: string; backup: boolean },
  edit: (text: string) => string,
  context: ActionContext,
): Promise<EditedFstab> {
  const { system } = context;
  // Links to it stay.
  const path = (await followed(system, fstab)) ?? fstab;
  const before = await lookAt(system, path);
  if (before !== undefined && before.kind !== "file") {
    throw new FlashfleetError("bad_argument", `cannot edit ${path}: it is a ${before.kind}`, { hint: "name a file" });
  }
  const text = before === undefined ? "" : await readText(system, path, before);
  const wanted = edit(text);
  if (wanted === text) return { changed: false, result: {}, undo: async () => {} };
  if (before === undefined) await makeDirectories(dirname(path), context);
  const write = async (content: string, keeps: boolean) => {
    const written = await writeFile({ path, content, access: ownAccess, backup: keeps }, context);
    await tellSystemd(context);
    return written.result;
  };
  const { backup_file, diff } = await write(wanted, backup);
  const result = { ...(backup_file === undefined ? {} : { backup_file }), ...(diff === undefined ? {} : { diff }) };
  return { changed: true, result, undo: async () => void (await write(text, false)) };
}

/** Its mount units are made of fstab: one of before would unmount what is mounted under its name now. */
async function tellSystemd({ system, deadline }: ActionContext): Promise<void> {
  if ((await lookAt(system, "/run/systemd/system")) === undefined) return;
  await runTool({ argv: ["systemctl", "daemon-reload"] }, { system, deadline });
}
