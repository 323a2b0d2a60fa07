import { type Command, Option } from "commander";
import { type Context, exitCodes } from "./context.ts";
import { type InventoryOptions, inventory } from "./inventory.ts";
import {
  decryptFiles,
  type EncryptOptions,
  encryptFiles,
  encryptStrings,
  type RekeyOptions,
  rekeyFiles,
  viewFiles,
} from "./vault.ts";
import type { VaultOptions } from "./vault-passwords.ts";

const collect = (value: string, before: string[] = []) => [...before, value];

/** Turns work that gives an exit code into what a command does. */
export type Act = <A extends unknown[]>(work: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;

export function withVaultOptions(command: Command): Command {
  return command
    .option("--vault-password-file <file>", "a file with a vault password, or a program that prints it", collect)
    .option("--vault-id <label@source>", "the password of a vault id: a file, a program, or prompt", collect)
    .option("--ask-vault-pass", "ask for a vault password");
}

/** What is told of a run instead of doing it. */
export function withListOptions(command: Command): Command {
  return command
    .option("--list-hosts", "only list the hosts")
    .option("--list-tasks", "only list the tasks")
    .option("--list-tags", "only list the tags")
    .option("--syntax-check", "only read everything and tell the mistakes");
}

/** Commands that work on people's files alone, without a controller. */
export function addFileCommands(program: Command, context: Context, act: Act): void {
  withVaultOptions(
    program
      .command("inventory [group]")
      .description("show an inventory as ansible-inventory does")
      .option("-i, --inventory <path>", "a file, a directory, or host1,host2, (default: the enrolled nodes)", collect)
      .option("--list", "everything, as JSON")
      .option("--host <host>", "the variables of a host, as JSON")
      .option("--graph", "groups and hosts as a tree (default)")
      .option("--vars", "with --graph: variables too")
      .option("--export", "with --list: variables with the groups and hosts that have them")
      .addOption(new Option("-o, --output <format>", "json: one line").choices(["text", "json"]))
      .option("--data <dir>", "the controller's data directory, where no inventory is given"),
  )
    .addHelpText("after", "\nExample:\n  flashfleet inventory -i inventory --graph targets")
    .action(act((group: string | undefined, options: InventoryOptions) => inventory(context, group, options)));
  const vault = program
    .command("vault")
    .description("encrypt and decrypt files of variables as ansible-vault does")
    .action(
      act(async () => {
        vault.outputHelp();
        return exitCodes.options;
      }),
    );
  const encryptId = "--encrypt-vault-id <label>";
  withVaultOptions(vault.command("encrypt <file...>").description("encrypt files in place"))
    .option(encryptId, "of several passwords, the one to encrypt with")
    .action(act((paths: string[], options: EncryptOptions) => encryptFiles(context, paths, options)));
  withVaultOptions(vault.command("decrypt <file...>").description("decrypt files in place")).action(
    act((paths: string[], options: VaultOptions) => decryptFiles(context, paths, options)),
  );
  withVaultOptions(vault.command("view <file...>").description("print what encrypted files hold")).action(
    act((paths: string[], options: VaultOptions) => viewFiles(context, paths, options)),
  );
  withVaultOptions(vault.command("rekey <file...>").description("encrypt files with another password"))
    .option("--new-vault-password-file <file>", "the new password (else it is asked for)")
    .option("--new-vault-id <label@source>", "the new password and its vault id")
    .action(act((paths: string[], options: RekeyOptions) => rekeyFiles(context, paths, options)));
  withVaultOptions(vault.command("encrypt-string <text...>").description("print values encrypted, for YAML files"))
    .option("-n, --name <name>", "the variable's name")
    .option(encryptId, "of several passwords, the one to encrypt with")
    .action(act((texts: string[], options: EncryptOptions) => encryptStrings(context, texts, options)));
}
