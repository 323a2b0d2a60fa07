import * as z from "zod";

/** A name, or several of them. */
const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

export const includeVars = z.strictObject({
  file: z.string().min(1).optional(),
  dir: z.string().min(1).optional(),
  /** All of them become one variable of this name. */
  name: z.string().min(1).optional(),
  /** How many folders of `dir` count, in the order of their paths; 0 is all. */
  depth: z.int().min(0).default(0),
  files_matching: z.string().optional(),
  ignore_files: names.default([]),
  extensions: names.default(["yaml", "yml", "json"]),
  ignore_unknown_extensions: z.boolean().default(false),
  hash_behaviour: z.literal("replace").default("replace"),
});
