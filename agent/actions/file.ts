import { basename, dirname, join, resolve } from "node:path/posix";
import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { Json, JsonRecord } from "../../shared/protocol/json.ts";
import type { Answer } from "../orders/orders.ts";
import type { Stat } from "../system/system.ts";
import type { Action, ActionContext } from "./action.ts";
import { type Access, accessDiff, applyAccess, readAccess, wantedOf } from "./files/access.ts";
import { followed, lookAt, needDirectory, shown } from "./files/look.ts";
import { makeDirectories } from "./files/make.ts";
import { assertRemovable, removeTree } from "./files/remove.ts";
import { headed } from "./files/write.ts";

type Arguments = ArgumentsOf<"file">;

/** One path as it is to be, worked on by {@link ActionContext}. */
interface Work {
  args: Arguments;
  path: string;
  /** What is there, links not followed. */
  before: Stat | undefined;
  access: Access;
  context: ActionContext;
}

const ways: Readonly<Record<NonNullable<Arguments["state"]>, (work: Work) => Promise<Answer>>> = {
  absent,
  directory,
  file: existing,
  link,
  touch,
};

/** Brings what lies at a path to a state: there, gone, a link, with its permissions and owners. */
export const file: Action<"file"> = async (args, context) => {
  const { system } = context;
  const path = args.path.replace(/(?<=.)\/+$/, "");
  const before = await lookAt(system, path);
  const state = args.state ?? stateOf(before, args);
  if (args.src !== undefined && state !== "link") {
    throw new FlashfleetError("bad_argument", `cannot use src for ${path}: it is for links alone`, {
      hint: "add state: link",
    });
  }
  if (args.recurse && state !== "directory") {
    throw new FlashfleetError("bad_argument", `cannot recurse into ${path}: that is for directories alone`, {
      hint: "add state: directory",
    });
  }
  const access = await readAccess(system, args);
  return ways[state]({ args, path, before, access, context });
};

/** Without a state a path stays what it is. */
function stateOf(before: Stat | undefined, { recurse, src }: Arguments): NonNullable<Arguments["state"]> {
  if (src !== undefined) return "link";
  if (before?.kind === "directory" || before?.kind === "link") return before.kind;
  return recurse ? "directory" : "file";
}

async function answer(
  changed: boolean,
  path: string,
  diff: JsonRecord | undefined,
  { system }: ActionContext,
): Promise<Answer> {
  const result = { path, ...(await shown(system, path)), ...(diff === undefined ? {} : { diff }) };
  return { outcome: changed ? "changed" : "ok", result };
}

function stateDiff(path: string, before: Json, after: Json): JsonRecord {
  return headed(path, { before: { state: before }, after: { state: after } }, "attributes");
}

async function existing(work: Work): Promise<Answer> {
  const { path, access, context } = work;
  const real = await followed(context.system, path);
  const before = real === undefined ? undefined : await lookAt(context.system, real);
  if (real === undefined || before === undefined) {
    throw new FlashfleetError("not_found", `cannot set ${path}: it is absent`, {
      hint: "copy gives it content, state: touch makes an empty file, state: directory a directory",
    });
  }
  if (work.args.state === "file" && before.kind !== "file") {
    throw new FlashfleetError("bad_argument", `cannot take ${path} for a file: it is a ${before.kind}`, {
      hint: "leave state out to set only permissions and owners",
    });
  }
  return attributes(real, before, access, context);
}

async function attributes(path: string, before: Stat, access: Access, context: ActionContext): Promise<Answer> {
  const diff = accessDiff(before, wantedOf(access, before));
  const changed = await applyAccess(path, access, context);
  return answer(changed, path, diff === undefined ? undefined : headed(path, diff, "attributes"), context);
}

async function touch({ path, before, access, context }: Work): Promise<Answer> {
  const { system, deadline } = context;
  await needDirectory(system, path);
  await system.do({ op: "touch", path }, deadline);
  await applyAccess((await followed(system, path)) ?? path, access, context);
  return answer(true, path, stateDiff(path, before?.kind ?? "absent", "touch"), context);
}

async function directory({ args, path, before, access, context }: Work): Promise<Answer> {
  const { system } = context;
  const real = await followed(system, path);
  const there = real === undefined ? before : await lookAt(system, real);
  if (there !== undefined && (there.kind !== "directory" || real === undefined)) {
    throw new FlashfleetError("bad_argument", `cannot make the directory ${path}: it is a ${there.kind}`, {
      hint: "remove it before, with state: absent",
    });
  }
  if (real !== undefined && there !== undefined) {
    const answered = await attributes(real, there, access, context);
    const inside = args.recurse && (await applyBelow(real, access, context));
    return inside ? { ...answered, outcome: "changed" } : answered;
  }
  for (const made of await makeDirectories(path, context)) await applyAccess(made, access, context);
  return answer(true, path, stateDiff(path, "absent", "directory"), context);
}

/** Links below get owners, and nothing is done to what they lead to: it need not lie below. */
async function applyBelow(directory: string, access: Access, context: ActionContext): Promise<boolean> {
  const { system } = context;
  let changed = false;
  for (const name of await system.list(directory)) {
    const path = join(directory, name);
    const stat = await system.stat(path);
    changed = (await applyAccess(path, access, context)) || changed;
    if (stat.kind === "directory") changed = (await applyBelow(path, access, context)) || changed;
  }
  return changed;
}

async function absent({ path, before, context }: Work): Promise<Answer> {
  if (before === undefined) return answer(false, path, undefined, context);
  const { system } = context;
  // The directory's own links count, the last name's does not: it is the link that goes.
  const real = join(await system.realpath(dirname(path)), basename(path));
  if (path.split("/").includes("..") || path === "/") {
    throw new FlashfleetError("plan_refused", `cannot remove ${path}: its path is not plain`, {
      hint: "name it without ..",
    });
  }
  await assertRemovable(system, real, before.kind === "directory");
  await removeTree(real, context);
  return answer(true, path, stateDiff(path, before.kind, "absent"), context);
}

async function link({ args, path, before, access, context }: Work): Promise<Answer> {
  const { system, deadline } = context;
  const now = before?.kind === "link" ? await system.readlink(path) : undefined;
  const to = args.src ?? now;
  if (to === undefined) {
    throw new FlashfleetError("bad_argument", `cannot link ${path}: src is not given`, {
      hint: "src says where it leads",
    });
  }
  if (!args.force && (await followed(system, resolve(dirname(path), to))) === undefined) {
    throw new FlashfleetError("not_found", `cannot link ${path}: ${to} does not exist`, {
      hint: "force: true makes a link that leads nowhere",
    });
  }
  if (now === to) {
    const changed = await applyAccess(path, { ...access, mode: undefined }, context);
    return answer(changed, path, undefined, context);
  }
  if (before !== undefined && now === undefined && (!args.force || before.kind !== "file")) {
    throw new FlashfleetError("bad_argument", `cannot link ${path}: it is a ${before.kind}`, {
      hint: before.kind === "file" ? "force: true replaces it" : "remove it before, with state: absent",
    });
  }
  await needDirectory(system, path);
  if (before === undefined) await system.do({ op: "symlink", path, to }, deadline);
  else {
    const beside = `${path}.flashfleet-new`;
    if ((await lookAt(system, beside)) !== undefined) await system.do({ op: "unlink", path: beside }, deadline);
    await system.do({ op: "symlink", path: beside, to }, deadline);
    await system.do({ op: "rename", path: beside, to: path }, deadline);
  }
  await applyAccess(path, { ...access, mode: undefined }, context);
  const diff = headed(
    path,
    { before: { state: before?.kind ?? "absent", src: now ?? null }, after: { state: "link", src: to } },
    "attributes",
  );
  return answer(true, path, diff, context);
}
