import * as z from "zod";

/** What a step may cost the initiators that use the thing, least first. */
export const costs = ["none", "path loss", "I/O stall", "data risk"] as const;
export type Cost = (typeof costs)[number];

/** A cost that this version does not know is read as the worst. */
export const Cost = z.enum(costs).catch("data risk");
