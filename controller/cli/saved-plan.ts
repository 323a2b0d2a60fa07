import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";
import { FlashfleetError } from "../../shared/errors.ts";
import { RunId } from "../../shared/protocol/ids.ts";
import { RunRequest } from "../api/messages.ts";
import { PlanTree } from "./plan-tree.ts";

/** A plan as it lies in a file. What vaults and people's hidden answers gave is not in it. */
export const SavedPlan = z.object({
  v: z.literal(1),
  is: z.literal("flashfleet plan"),
  /** Wall clock, Unix milliseconds. */
  at: z.number(),
  /** The check that it comes from. */
  run: RunId,
  by: z.string(),
  /** The check would have ended well. */
  ok: z.boolean(),
  /** Of a real run, with what it rests on. */
  request: RunRequest,
  tree: PlanTree,
});
export type SavedPlan = z.infer<typeof SavedPlan>;

/** Throws `bad_argument` for what is no plan that this version can read. */
export async function readPlan(path: string): Promise<SavedPlan> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw unusable("read", path, cause);
  });
  const parsed = SavedPlan.safeParse(parseJson(path, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unusable("read", path, new Error(`${issue?.path.join(".")}: ${issue?.message}`));
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable("read", path, cause);
  }
}

/** Only its owner may read it. The file is there whole, or as it was. Throws `bad_argument`. */
export async function writePlan(path: string, plan: SavedPlan): Promise<void> {
  const draft = draftOf(path);
  try {
    await writeFile(draft, `${JSON.stringify(plan)}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
  } catch (cause) {
    throw unusable("save", path, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Throws `bad_argument` where nothing can be written there: a check may take long. */
export async function tryToWrite(path: string): Promise<void> {
  const draft = draftOf(path);
  try {
    await writeFile(draft, "", { mode: 0o600 });
  } catch (cause) {
    throw unusable("save", path, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

const draftOf = (path: string) => `${path}.${randomUUID()}`;

function unusable(verb: "read" | "save", path: string, cause: unknown): FlashfleetError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint =
    verb === "read" ? "flashfleet plan PLAYBOOK --save FILE makes such a file" : "--save FILE names a file to write";
  return new FlashfleetError("bad_argument", `cannot ${verb} the plan ${path}: ${reason}`, { hint, cause });
}
