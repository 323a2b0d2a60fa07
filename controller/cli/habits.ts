import { type Command, Option } from "commander";
import { FlashfleetError } from "../../shared/errors.ts";
import type { Context } from "./context.ts";

/** Options of Ansible that fingers know. Here an agent on every node does the work, as root: there is no ssh and no sudo. */
export interface HabitOptions {
  become?: boolean;
  becomeUser?: string;
  background?: string;
  poll?: string;
  tree?: string;
  modulePath?: string;
}

const group = "Ansible's options for ssh and sudo (no agent needs them):";

/** Taken, and without effect. */
const idle: readonly (readonly [flags: string, says: string])[] = [
  ["-u, --user <name>", "the user of ssh"],
  ["-k, --ask-pass", "nothing is asked for"],
  ["-K, --ask-become-pass", "nothing is asked for"],
  ["-c, --connection <type>", "there is one way to nodes"],
  ["-T, --timeout <seconds>", "of ssh; --task-timeout is that of a task"],
  ["--private-key <file>", "of ssh"],
  ["--connection-password-file <file>", "of ssh"],
  ["--become-password-file <file>", "of sudo"],
  ["--become-method <name>", "of sudo"],
  ["--ssh-common-args <args>", "of ssh"],
  ["--ssh-extra-args <args>", "of ssh"],
  ["--sftp-extra-args <args>", "of ssh"],
  ["--scp-extra-args <args>", "of ssh"],
  ["--flush-cache", "facts are gathered by each run"],
];

/** Other names that Ansible has for an option. */
const aliases: Readonly<Record<string, string>> = {
  "--inventory-file": "--inventory",
  "--vault-pass-file": "--vault-password-file",
  "--ask-vault-password": "--ask-vault-pass",
  "--key-file": "--private-key",
  "--conn-pass-file": "--connection-password-file",
  "--become-pass-file": "--become-password-file",
};

/** Words of the command line, with options by the names that they have here. */
export function withoutAliases(words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return words.map((word, index) => {
    const [name = "", ...value] = word.split("=");
    const known = index < end && Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    return known === undefined ? word : [known, ...value].join("=");
  });
}

export function withHabits(command: Command): Command {
  command.addOption(new Option("-b, --become", "agents are root").helpGroup(group));
  command.addOption(new Option("--become-user <name>", "root is the only one").helpGroup(group));
  for (const [flags, says] of idle) command.addOption(new Option(flags, says).helpGroup(group));
  return command.addOption(new Option("-M, --module-path <path>").hideHelp());
}

export function withAdHocHabits(command: Command): Command {
  return withHabits(command)
    .addOption(new Option("-B, --background <seconds>").hideHelp())
    .addOption(new Option("-P, --poll <seconds>").hideHelp())
    .addOption(new Option("-t, --tree <dir>").hideHelp());
}

/**
 * Tells once of options that have no effect. Throws `bad_argument` for those that would promise what does not happen.
 */
export function mindHabits(command: Command, options: HabitOptions, { say, paint }: Context): void {
  const refuse = (what: string, hint: string) => {
    throw new FlashfleetError("bad_argument", what, { hint });
  };
  const { becomeUser, background, poll, tree, modulePath } = options;
  if (becomeUser !== undefined && becomeUser !== "root")
    refuse(`cannot run as ${becomeUser}: agents work as root`, "leave --become-user out, or use su in a command");
  if (background !== undefined || poll !== undefined)
    refuse(
      "cannot run in the background with -B and -P: the controller runs everything, whether or not anybody looks on",
      "leave them out; the terminal may be closed, and flashfleet attach RUN shows the run again",
    );
  if (tree !== undefined)
    refuse("cannot write a file for each host with --tree", "-o json gives a line for each result");
  if (modulePath !== undefined)
    refuse(`cannot use modules of ${modulePath}: they are built in`, "the modules are in docs/playbooks.md");
  const given = idle.flatMap(([flags]) => {
    const option = command.options.find((each) => each.flags === flags);
    if (option === undefined || command.getOptionValueSource(option.attributeName()) !== "cli") return [];
    return option.long ?? [];
  });
  if (given.length === 0) return;
  const [has, them] = given.length === 1 ? ["has", "it is"] : ["have", "they are"];
  say(
    paint.warning(
      `[WARNING]: ${given.join(", ")} ${has} no effect here: an agent on each node does the work as root (${them} for ssh and sudo)\n`,
    ),
  );
}
