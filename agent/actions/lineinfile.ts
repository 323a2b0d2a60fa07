import { dirname } from "node:path/posix";
import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { Action } from "./action.ts";
import { readAccess } from "./files/access.ts";
import { type Edited, withLine, withoutLine } from "./files/edit-lines.ts";
import { followed, lookAt, readText } from "./files/look.ts";
import { makeDirectories } from "./files/make.ts";
import { writeFile } from "./files/write.ts";

type Arguments = ArgumentsOf<"lineinfile">;

/** Sees to it that a line is in a file, or that none such is. */
export const lineinfile: Action<"lineinfile"> = async (args, context) => {
  const { state } = args;
  checkTogether(args);
  const { system } = context;
  // The file is edited where it lies: links to it stay.
  const path = (await followed(system, args.path)) ?? args.path;
  const before = await lookAt(system, path);
  if (before !== undefined && before.kind !== "file") {
    throw new FlashfleetError("bad_argument", `cannot edit ${path}: it is a ${before.kind}`, { hint: "name a file" });
  }
  if (before === undefined) {
    if (state === "absent") return { outcome: "ok", result: { path: args.path, msg: "file not present", found: 0 } };
    if (!args.create) {
      throw new FlashfleetError("not_found", `cannot edit ${path}: it does not exist`, {
        hint: "create: true makes it",
      });
    }
    await makeDirectories(dirname(path), context);
  }
  const text = before === undefined ? "" : await readText(system, path, before);
  const edited = edit(text, args);
  const access = await readAccess(system, args);
  const written = await writeFile({ path, content: edited.text, access, backup: args.backup }, context);
  const { msg, found } = edited;
  const result = { path: args.path, msg, ...(found === undefined ? {} : { found }), ...written.result };
  return { outcome: written.changed ? "changed" : "ok", result };
};

function edit(text: string, args: Arguments): Edited & { found?: number } {
  return args.state === "absent" ? withoutLine(text, args) : withLine(text, { ...args, line: args.line ?? "" });
}

function checkTogether({ line, regexp, state, insertafter, insertbefore, backrefs }: Arguments): void {
  const problem =
    state === "present" && line === undefined
      ? ["line is not given", "line is what the file shall have"]
      : state === "absent" && line === undefined && regexp === undefined
        ? ["neither line nor regexp is given", "they say which lines go"]
        : state === "present" && backrefs && regexp === undefined
          ? ["backrefs needs a regexp", "regexp has the groups that \\1 stands for"]
          : insertafter !== undefined && insertbefore !== undefined
            ? ["insertafter and insertbefore are both given", "one of them says where a new line goes"]
            : undefined;
  if (problem !== undefined)
    throw new FlashfleetError("bad_argument", `cannot edit lines: ${problem[0]}`, { hint: problem[1] });
}
