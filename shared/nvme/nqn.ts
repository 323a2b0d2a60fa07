import * as z from "zod";

/** The well-known discovery subsystem (NVMe Base 2.0, 3.1.3.3). */
export const discoveryNqn = "nqn.2014-08.org.nvmexpress.discovery";

/**
 * An NVMe qualified name as Linux takes it at both ends: nvmet stores any name up to 223 bytes, the host refuses
 * names of 223 bytes and more (drivers/nvme/host/fabrics.c), a comma ends an option of /dev/nvme-fabrics, and a
 * slash cannot be a configfs directory. The syntax `nqn.…` is not asked for: the kernel does not, and `nvmet-test` is a name.
 */
export const Nqn = z
  .string()
  .min(1, "an NQN cannot be empty")
  .refine(
    (name) => new TextEncoder().encode(name).length <= 222,
    "an NQN has at most 222 bytes: Linux hosts refuse longer ones",
  )
  .refine((name) => !/[\s,/\0]/.test(name), "an NQN has no spaces, commas or slashes")
  .refine((name) => name !== "." && name !== "..", "an NQN is a name, not a path")
  .brand("Nqn");
export type Nqn = z.infer<typeof Nqn>;

/** The NQN that a UUID makes (NVMe Base 2.0, 4.5). */
export function nqnOfUuid(uuid: string): Nqn {
  return Nqn.parse(`nqn.2014-08.org.nvmexpress:uuid:${uuid}`);
}
