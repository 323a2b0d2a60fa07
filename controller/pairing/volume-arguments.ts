import * as z from "zod";
import { connectOptionFields } from "../../shared/modules/kinds/nvme-connection.ts";
import { Size } from "./pool.ts";
import { authentications, backings } from "./volume.ts";

const Name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/, "a volume's name has small letters, digits, - and _; at most 63");

const Pattern = z.union([
  z.string().min(1, "a pattern of hosts"),
  z
    .array(z.string().min(1))
    .min(1, "a list of patterns")
    .transform((names) => names.join(",")),
]);

const Texts = z.union([
  z
    .string()
    .min(1, "text")
    .transform((each) => [each]),
  z.array(z.string().min(1)).min(1, "a list of texts"),
]);

const ServiceIds = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, "service_ids are two port numbers: 4421-5420")
  .refine((text) => {
    const { from, to } = serviceIdsOf(text);
    return from >= 1 && from <= to && to <= 65_535;
  }, "service_ids go from 1 to 65535, upwards");

/** The first and the last of `4421-5420`. */
export function serviceIdsOf(text: string): { from: number; to: number } {
  const [from = 0, to = 0] = text.split("-").map(Number);
  return { from, to };
}

/** What a pair play may say for all its volumes, and a volume may say otherwise. */
export const choiceFields = {
  /** Pattern of the nodes that may export it. */
  targets: Pattern.optional(),
  transport: z.enum(["tcp", "rdma"]).default("tcp"),
  authentication: z.enum(authentications).default("none"),
  /** A higher one is another DH-HMAC-CHAP key, put in place while the paths are live. */
  key_version: z.int().min(1).default(1),
  connect: z
    .strictObject({ ...connectOptionFields, iopolicy: z.enum(["numa", "round-robin", "queue-depth"]).optional() })
    .default({}),
  /** Networks or interfaces of the targets. */
  addresses: Texts.optional(),
  /** Over as many NICs of each target. */
  paths: z.int().min(1).max(16).default(1),
  /** A variable in which the targets of one initiator's volumes differ. */
  spread: z.string().min(1).optional(),
  /** Whether a node may get its own drive. */
  local: z.enum(["never", "allow"]).default("never"),
  /**
   * shared: all volumes of a target that say so listen on one port of each address. Exports that come back one after the other then
   * may lose initiators for good (nvmet-abi, do-not-retry).
   */
  port: z.enum(["own", "shared"]).default("own"),
  /** Service ids that volumes get, one for each on a target; the shared port has the first one. */
  service_ids: ServiceIds.default("4421-5420"),
} as const;

/** The arguments of one volume of a pair play, with what the play says for all of them. */
export const VolumeArguments = z
  .strictObject({
    name: Name,
    size: Size.optional(),
    device: z.string().startsWith("/", "a device is an absolute path").optional(),
    share: z.enum(["each", "all"]).default("each"),
    backing: z.enum(backings).default("single"),
    /** Of `backing: replicated`: the target whose copy is written first. */
    optimized: z.string().min(1).optional(),
    /** Things in use that it may touch all the same, each by its name. */
    override: z.array(z.string().min(1)).default([]),
    state: z.enum(["present", "absent"]).default("present"),
    ...choiceFields,
  })
  .superRefine((volume, context) => {
    if (volume.state === "absent") return;
    const isReplicated = volume.backing === "replicated";
    const needed = isReplicated
      ? (["targets", "device", "size", "optimized"] as const)
      : (["targets", ...(volume.device === undefined ? (["size"] as const) : [])] as const);
    for (const name of needed) {
      if (volume[name] !== undefined) continue;
      context.addIssue({ code: "custom", message: `${name} is missing`, path: [name] });
    }
  });
export type VolumeArguments = z.output<typeof VolumeArguments>;
