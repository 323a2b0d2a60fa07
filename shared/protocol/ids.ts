import * as z from "zod";

/** A node's name on the bus and in the inventory. */
export const NodeId = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, "a node id has 1 to 63 lower-case letters, digits and dashes")
  .brand("NodeId");
export type NodeId = z.infer<typeof NodeId>;

/** Identifies one call for ever: the same id is the same order. No dots: it may be part of a subject. */
export const CallId = z
  .string()
  .regex(/^[A-Za-z0-9_:-]{1,200}$/)
  .brand("CallId");
export type CallId = z.infer<typeof CallId>;

export const RunId = z
  .string()
  .regex(/^[0-9a-z-]{1,64}$/, "a run id has lower-case letters, digits and dashes")
  .brand("RunId");
export type RunId = z.infer<typeof RunId>;
