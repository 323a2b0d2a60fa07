import * as z from "zod";

/**
 * How a secret stands in a spec, a plan and a run's entries: by name and version. The version is a keyed digest of the
 * value, so that a changed secret is a changed spec; the value travels sealed beside the order.
 */
export const SecretRef = z.object({ secret: z.string().min(1), version: z.string().min(1) });
export type SecretRef = z.infer<typeof SecretRef>;

export function isSecretRef(value: unknown): value is SecretRef {
  return SecretRef.safeParse(value).success;
}
