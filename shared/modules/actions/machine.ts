import * as z from "zod";
import { NodePath } from "./files.ts";

const truths: Readonly<Record<string, string>> = { yes: "1", on: "1", true: "1", no: "0", off: "0", false: "0" };

/** As Ansible writes it: words for true and false become 1 and 0. */
function asSetting(value: string | number | boolean): string {
  const text = String(value).trim();
  return truths[text.toLowerCase()] ?? text;
}

export const sysctl = z
  .strictObject({
    name: z
      .string()
      .trim()
      .regex(/^[^\s=#;]+$/, "a key is one word, as in vm.swappiness")
      .refine((name) => !/(^|[./])[./]|[./]$/.test(name.replace(/^\//, "")), "a key is words with dots between them"),
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .transform(asSetting)
      .refine((value) => value !== "" && !/[\n\0]/.test(value), "a value is one line of text")
      .optional(),
    state: z.enum(["present", "absent"]).default("present"),
    reload: z.boolean().default(true),
    sysctl_set: z.boolean().default(false),
    sysctl_file: NodePath.default("/etc/sysctl.conf"),
    ignoreerrors: z.boolean().default(false),
  })
  .refine(({ state, value }) => state === "absent" || value !== undefined, { path: ["value"] });

const Unit = z
  .string()
  .trim()
  .regex(/^(?!-)[\w:.@\\-]+$/, "a unit is one word, as in chrony or srv-data.mount");

/** Of systemd_service, and of service, which is the same here. */
export const systemdService = z
  .strictObject({
    name: Unit.optional(),
    state: z.enum(["started", "stopped", "restarted", "reloaded"]).optional(),
    enabled: z.boolean().optional(),
    masked: z.boolean().optional(),
    force: z.boolean().default(false),
    daemon_reload: z.boolean().default(false),
    daemon_reexec: z.boolean().default(false),
    no_block: z.boolean().default(false),
    scope: z.literal("system", "user services have no agent: only scope: system can be done").default("system"),
  })
  .refine(({ name, state, enabled, masked }) => name !== undefined || (state ?? enabled ?? masked) === undefined, {
    path: ["name"],
  })
  .refine(
    ({ state, enabled, masked, daemon_reload: reload, daemon_reexec: reexec }) =>
      reload || reexec || (state ?? enabled ?? masked) !== undefined,
    { path: ["state"], message: "one of state, enabled, masked, daemon_reload and daemon_reexec says what to do" },
  );

/** As `service` has them; what belongs to other init systems than systemd is not there. */
export const service = z
  .strictObject({
    name: Unit,
    state: z.enum(["started", "stopped", "restarted", "reloaded"]).optional(),
    enabled: z.boolean().optional(),
    use: z.enum(["auto", "systemd"], "only systemd's services can be done").default("auto"),
  })
  .refine(({ state, enabled }) => (state ?? enabled) !== undefined, {
    path: ["state"],
    message: "state or enabled says what to do",
  });

/** What a package may be called; a file, an address or a group of packages is none. */
const PackageName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][\w+.:~-]*(=[\w+.:~-]+)?(?<!-)$/,
    "a package is a name, as in nvme-cli, or a name and a version, as in nvme-cli=2.11-1",
  );

/** One, several with commas, or a list. */
const PackageNames = z
  .union([z.string(), z.array(z.string())])
  .transform((names) => [names].flat().flatMap((name) => name.split(",")))
  .pipe(z.array(PackageName).min(1));

const states = { installed: "present", removed: "absent" } as const;
const PackageState = z
  .enum(["present", "installed", "absent", "removed", "latest"])
  .default("present")
  .transform((state) => (state === "installed" || state === "removed" ? states[state] : state));

const lockTimeout = z.number().min(0);

/** Of whichever package manager the node has. */
export const packages = z.strictObject({
  name: PackageNames,
  state: PackageState,
  update_cache: z.boolean().default(false),
  use: z.enum(["auto", "apt", "dnf", "dnf4", "yum"], "apt and dnf can be done").default("auto"),
});

export const apt = z
  .strictObject({
    name: PackageNames.optional(),
    state: PackageState,
    update_cache: z.boolean().default(false),
    /** Seconds for which the lists of packages count as fresh. */
    cache_valid_time: z.number().min(0).default(0),
    default_release: z
      .string()
      .regex(/^[\w.+/-]+$/, "a release is one word, as in bookworm-backports")
      .optional(),
    install_recommends: z.boolean().optional(),
    only_upgrade: z.boolean().default(false),
    purge: z.boolean().default(false),
    autoremove: z.boolean().default(false),
    allow_downgrade: z.boolean().default(false),
    /** Seconds. */
    lock_timeout: lockTimeout.default(60),
  })
  .refine(({ name, update_cache: update, cache_valid_time: valid }) => name !== undefined || update || valid > 0, {
    path: ["name"],
  });

const Repositories = z.union([z.string(), z.array(z.string())]).transform((names) => [names].flat());

export const dnf = z
  .strictObject({
    name: PackageNames.optional(),
    state: PackageState,
    update_cache: z.boolean().default(false),
    enablerepo: Repositories.optional(),
    disablerepo: Repositories.optional(),
    install_weak_deps: z.boolean().default(true),
    /** Others may go for what is installed. */
    allowerasing: z.boolean().default(false),
    autoremove: z.boolean().default(false),
    /** Seconds. */
    lock_timeout: lockTimeout.default(30),
  })
  .refine(({ name, update_cache: update }) => name !== undefined || update, { path: ["name"] });
