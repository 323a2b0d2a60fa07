import * as z from "zod";
import { defineKind, State } from "../kind.ts";

/** A module's name; the kernel reads `-` as `_`. */
export const ModuleName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,56}$/, "a kernel module's name has letters, digits, _ and -");

export const kernelModule = defineKind({
  schema: z.strictObject({
    name: z.union([ModuleName, z.array(ModuleName).min(1)]),
    /** Set as the module is loaded; one that is loaded already with another value is reported, not reloaded. */
    parameters: z.record(z.string().regex(/^\w+$/), z.union([z.string(), z.int(), z.boolean()])).optional(),
    state: State,
  }),
  key: ({ name }) =>
    [name]
      .flat()
      .map((each) => each.replaceAll("-", "_"))
      .join(","),
  secrets: [],
  children: {},
});
export type KernelModule = z.output<typeof kernelModule.schema>;
