import * as z from "zod";
import { copy, file, lineinfile, template } from "./files.ts";
import { includeVars } from "./include-vars.ts";
import { apt, dnf, packages, service, sysctl, systemdService } from "./machine.ts";
import { nvmeDiscover, nvmeVerify } from "./nvme.ts";
import { driveWipe, filesystem, mount, reboot } from "./storage.ts";

/** `as_copy`: the controller makes the file and sends the node a `copy` of it. */
type Runs = "node" | "controller" | "as_copy";

/** What the whole program knows of an action: what it takes, where it runs, and whether doing it twice could hurt. */
export interface ActionDefinition<S extends z.ZodObject = z.ZodObject, R extends Runs = Runs> {
  /** Strict: what people may write below the action's name. */
  schema: S;
  runs: R;
  /** False where a second time could have a second effect: cut off, it is `interrupted` and never rerun by itself. */
  repeatable: boolean;
  /** The field that a bare string stands for, as in `command: uptime`. */
  bare?: keyof S["shape"] & string;
}

function defineAction<S extends z.ZodObject, R extends Runs>(
  definition: ActionDefinition<S, R>,
): ActionDefinition<S, R> {
  return definition;
}

const seconds = z.number().min(0);

export const actions = {
  /** Runs a program without a shell. */
  command: defineAction({
    schema: z.strictObject({
      cmd: z.string().min(1).optional(),
      argv: z.array(z.string()).min(1).optional(),
      chdir: z.string().optional(),
      stdin: z.string().optional(),
      creates: z.string().optional(),
      removes: z.string().optional(),
    }),
    runs: "node",
    repeatable: false,
    bare: "cmd",
  }),
  /** Runs a line of the shell. */
  shell: defineAction({
    schema: z.strictObject({
      cmd: z.string().min(1),
      chdir: z.string().optional(),
      stdin: z.string().optional(),
      creates: z.string().optional(),
      removes: z.string().optional(),
      executable: z.string().default("/bin/sh"),
    }),
    runs: "node",
    repeatable: false,
    bare: "cmd",
  }),
  /** Gives a node a file. */
  copy: defineAction({ schema: copy, runs: "node", repeatable: true }),
  /** As `copy`, of a template that is evaluated first. */
  template: defineAction({ schema: template, runs: "as_copy", repeatable: true }),
  /** What lies at a path, and who may do what with it. */
  file: defineAction({ schema: file, runs: "node", repeatable: true }),
  /** One line of a file. */
  lineinfile: defineAction({ schema: lineinfile, runs: "node", repeatable: true }),
  /** A file system on a device, or none. */
  filesystem: defineAction({ schema: filesystem, runs: "node", repeatable: true }),
  /** A local drive as if it were new: nothing on it that anybody would know. */
  drive_wipe: defineAction({ schema: driveWipe, runs: "node", repeatable: true }),
  /** What is mounted where, now and at boot. */
  mount: defineAction({ schema: mount, runs: "node", repeatable: true }),
  /** Boots the node anew. One that was cut off before the machine went down is ordered again; the new boot ends it. */
  reboot: defineAction({ schema: reboot, runs: "node", repeatable: true }),
  /** A setting of the kernel. */
  sysctl: defineAction({ schema: sysctl, runs: "node", repeatable: true }),
  /** A unit of systemd. A restart that was cut off is not done again by itself. */
  service: defineAction({ schema: service, runs: "node", repeatable: false }),
  systemd_service: defineAction({ schema: systemdService, runs: "node", repeatable: false }),
  /** What is installed. */
  package: defineAction({ schema: packages, runs: "node", repeatable: true }),
  apt: defineAction({ schema: apt, runs: "node", repeatable: true }),
  dnf: defineAction({ schema: dnf, runs: "node", repeatable: true }),
  /** Whether the node's agent answers. */
  ping: defineAction({
    schema: z.strictObject({ data: z.string().default("pong") }),
    runs: "node",
    repeatable: true,
  }),
  /** Gathers facts anew. */
  setup: defineAction({ schema: z.strictObject({}), runs: "node", repeatable: true }),
  /** Reads a discovery log page, as `nvme discover` does, without nvme-cli and without a kernel controller. */
  nvme_discover: defineAction({ schema: nvmeDiscover, runs: "node", repeatable: true }),
  /** Whether a disk of a target is there, over all its paths, and can be read. */
  nvme_verify: defineAction({ schema: nvmeVerify, runs: "node", repeatable: true }),
  /** Waits until something is so: a port answers, a path is there. */
  wait_for: defineAction({
    schema: z.strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
      path: z.string().optional(),
      state: z.enum(["started", "stopped", "present", "absent"]).default("started"),
      timeout: seconds.default(300),
      delay: seconds.default(0),
    }),
    runs: "node",
    repeatable: true,
  }),
  debug: defineAction({
    schema: z.strictObject({
      msg: z.unknown().optional(),
      var: z.string().optional(),
      /** Said only where -v was given so often. */
      verbosity: z.int().min(0).default(0),
    }),
    runs: "controller",
    repeatable: true,
  }),
  assert: defineAction({
    schema: z.strictObject({
      that: z.union([z.string(), z.boolean(), z.array(z.union([z.string(), z.boolean()]))]),
      fail_msg: z.string().optional(),
      success_msg: z.string().optional(),
      quiet: z.boolean().optional(),
    }),
    runs: "controller",
    repeatable: true,
  }),
  /** Fails on purpose. */
  fail: defineAction({
    schema: z.strictObject({ msg: z.string().default("Failed as requested from task") }),
    runs: "controller",
    repeatable: true,
  }),
  /** Gives the host variables that last for the run. */
  set_fact: defineAction({
    schema: z.object({ cacheable: z.literal(false).optional() }).catchall(z.unknown()),
    runs: "controller",
    repeatable: true,
  }),
  /** Variables of files of the project, for the rest of the run. */
  include_vars: defineAction({ schema: includeVars, runs: "controller", repeatable: true, bare: "file" }),
  /** Waits. */
  pause: defineAction({
    schema: z.strictObject({ seconds: seconds.optional(), minutes: seconds.optional() }),
    runs: "controller",
    repeatable: true,
  }),
} as const;

export type ActionName = keyof typeof actions;
export type ArgumentsOf<A extends ActionName> = z.output<(typeof actions)[A]["schema"]>;

export const actionNames = Object.keys(actions) as [ActionName, ...ActionName[]];

/** Actions that run there. */
export type ActionsOn<R extends Runs> = {
  [A in ActionName]: (typeof actions)[A]["runs"] extends R ? A : never;
}[ActionName];

export function isActionName(name: string): name is ActionName {
  return Object.hasOwn(actions, name);
}
