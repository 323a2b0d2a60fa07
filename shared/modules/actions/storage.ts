import * as z from "zod";
import { Uuid } from "../../nvme/ids.ts";
import { Override } from "../kind.ts";
import { NodePath } from "./files.ts";

/** What `filesystem` can make. */
export const fstypes = ["btrfs", "ext2", "ext3", "ext4", "f2fs", "swap", "vfat", "xfs"] as const;
export type Fstype = (typeof fstypes)[number];

const oneName = (one: string, other: string) => `${one} and ${other} are one argument: give one of them`;

/** `device` and `type` are Ansible's other names of `dev` and `fstype`. */
export const filesystem = z
  .strictObject({
    dev: NodePath.optional(),
    device: NodePath.optional(),
    fstype: z.enum(fstypes).optional(),
    type: z.enum(fstypes).optional(),
    state: z.enum(["present", "absent"]).default("present"),
    force: z.boolean().default(false),
    opts: z.string().optional(),
    resizefs: z.boolean().default(false),
    uuid: Uuid.optional(),
  })
  .refine(({ dev, device }) => dev !== undefined || device !== undefined, { path: ["dev"], error: "missing" })
  .refine(({ dev, device }) => dev === undefined || device === undefined, {
    path: ["device"],
    error: oneName("dev", "device"),
  })
  .refine(({ state, fstype, type }) => state === "absent" || fstype !== undefined || type !== undefined, {
    path: ["fstype"],
    error: "missing",
  })
  .refine(({ fstype, type }) => fstype === undefined || type === undefined, {
    path: ["type"],
    error: oneName("fstype", "type"),
  })
  .refine(({ resizefs, uuid }) => !resizefs || uuid === undefined, {
    path: ["uuid"],
    error: "uuid and resizefs exclude each other: two tasks do both",
  });

export const driveWipe = z.strictObject({
  device: NodePath,
  override: Override,
  discard: z.boolean().default(false),
});

/** Fields of a line of fstab(5), and options of mount(8): words without spaces. */
const Word = z.string().regex(/^[^\s\0]+$/, "it has no spaces");

/** States that need to know what is mounted. */
const withSource: readonly string[] = ["mounted", "present", "ephemeral"];

export const mount = z
  .strictObject({
    /** `none` for swap. */
    path: z.union([NodePath, z.literal("none")]).optional(),
    name: z.union([NodePath, z.literal("none")]).optional(),
    src: z
      .string()
      .regex(/^[^\0\n]+$/, "it is one line")
      .optional(),
    fstype: Word.optional(),
    opts: Word.optional(),
    state: z.enum(["mounted", "unmounted", "present", "absent", "remounted", "ephemeral", "absent_from_fstab"]),
    dump: z.string().regex(/^\d$/, "it is a digit").default("0"),
    passno: z.string().regex(/^\d$/, "it is a digit").default("0"),
    boot: z.boolean().default(true),
    fstab: NodePath.default("/etc/fstab"),
    backup: z.boolean().default(false),
  })
  .refine(({ path, name }) => path !== undefined || name !== undefined, { path: ["path"], error: "missing" })
  .refine(({ path, name }) => path === undefined || name === undefined, {
    path: ["name"],
    error: oneName("path", "name"),
  })
  .refine(({ state, src }) => !withSource.includes(state) || src !== undefined, { path: ["src"], error: "missing" })
  .refine(({ state, fstype }) => !withSource.includes(state) || fstype !== undefined, {
    path: ["fstype"],
    error: "missing",
  });

const seconds = z.number().min(0);

export const reboot = z.strictObject({
  msg: z.string().default("Reboot initiated by flashfleet"),
  /** Seconds. */
  pre_reboot_delay: seconds.default(0),
  post_reboot_delay: seconds.default(0),
  reboot_timeout: seconds.default(600),
  test_command: z.string().min(1).optional(),
  reboot_command: z.string().min(1).optional(),
  search_paths: z.array(NodePath).min(1).optional(),
  /** Without effect: the agent calls, and tells a boot by its id. */
  connect_timeout: seconds.optional(),
  boot_time_command: z.string().optional(),
  /** Hosts that may be cut off all the same: `ADDRESS:PORT` for all of a listener, `ADDRESS` for one host. */
  override: z.array(z.string().min(1)).optional(),
});
