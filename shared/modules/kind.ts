import * as z from "zod";

/** Whether a resource should be there: `absent` writes a tombstone. */
export const State = z.enum(["present", "absent"]).default("present");

/**
 * Things in use that this task may touch all the same, each by its name: a device path, `10.0.0.1:4420` for its sessions.
 * It is consent to one run of the task: it never becomes part of a spec.
 */
export const Override = z.array(z.string().min(1)).optional();

/**
 * What the whole program knows of a kind of resource; how it is observed and planned is the agent's (agent/kinds).
 * All fields but those of the key are optional: a field left out keeps the value it has.
 */
export interface KindDefinition<S extends z.ZodObject = z.ZodObject> {
  /** Strict: what people may write below the kind's name. */
  schema: S;
  /** What makes two tasks speak of the same resource, as text that people recognise. */
  key(resource: z.output<S>): string;
  /** Top-level fields whose values are secrets: they become references before anything is kept or sent. */
  secrets: readonly string[];
  /** The field of lists of children that are merged by a key instead of replaced. */
  children: Readonly<Record<string, (child: unknown) => string>>;
}

export function defineKind<S extends z.ZodObject>(definition: KindDefinition<S>): KindDefinition<S> {
  return definition;
}

/** A child that is its own key: an NQN, a port id. */
export const byValue = (child: unknown): string => String(child);

/** Children that are objects, told apart by one or more of their fields. */
export function byField(...fields: string[]): (child: unknown) => string {
  return (child) => {
    const record = z.record(z.string(), z.unknown()).parse(child);
    return fields.map((field) => String(record[field])).join(" ");
  };
}
