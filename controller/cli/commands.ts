import { Argument, Command, Option } from "commander";
import { version } from "../../shared/version.ts";
import { type ApplyOptions, apply } from "./apply.ts";
import { data, output } from "./common-options.ts";
import { completion, type Shell, shells } from "./completion.ts";
import type { Context } from "./context.ts";
import { type ControllerCommandOptions, controller } from "./controller.ts";
import { demo } from "./demo.ts";
import { facts } from "./facts.ts";
import { type Act, addFileCommands, withListOptions, withVaultOptions } from "./file-commands.ts";
import { type HabitOptions, mindHabits, withAdHocHabits, withHabits } from "./habits.ts";
import { health } from "./health.ts";
import { nodes } from "./nodes.ts";
import { type ExecOptions, exec, plan, type RunOptions, run } from "./run.ts";
import { attach, cancel, runs } from "./runs.ts";
import { addVolumeCommands } from "./volume-commands.ts";

const collect = (value: string, before: string[] = []) => [...before, value];

function withRunOptions(command: Command): Command {
  return withVaultOptions(command)
    .option(
      "-i, --inventory <path>",
      "an inventory: a file, a directory, or host1,host2, (default: the enrolled nodes)",
      collect,
    )
    .option(
      "-l, --limit <pattern>",
      "only these of the hosts; @failed: those that failed in the last run, @file: a file's",
    )
    .option("-e, --extra-vars <vars>", "name=value, JSON, or @file; wins over all other variables", collect)
    .option("-D, --diff", "show every step")
    .option("-v, --verbose", "show results and what happens meanwhile")
    .option("-f, --forks <n>", "how many hosts work at once")
    .option("--task-timeout <seconds>", "of tasks that have no timeout of their own")
    .option("--profile", "show the slowest tasks at the end")
    .addOption(data())
    .addOption(output());
}

function withPlaybookOptions(command: Command): Command {
  return withRunOptions(command)
    .option("-t, --tags <tags>", "only tasks with one of these tags; may be given more than once", collect, [])
    .option("--skip-tags <tags>", "no task with one of these tags; may be given more than once", collect, [])
    .option(
      "--abandon <nodes>",
      "give up nodes that will not come back: take down the other ends of their volumes",
      collect,
      [],
    )
    .option("--start-at-task <name>", "begin with the task of this name, which may hold * and ?")
    .option("--force-handlers", "run handlers that are due even on hosts that failed");
}

const wait = () =>
  new Option("--wait [seconds]", "wait while another run works on these nodes, instead of being refused");

/** All commands with their options: what is parsed, what help shows, and what shells complete. */
export function createProgram(context: Context, act: Act): Command {
  const program = new Command("flashfleet");
  program
    .description("Runs storage fleets over NVMe over Fabrics the way Ansible runs servers.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(flashfleet --help shows the commands)")
    .configureOutput({ writeOut: context.out, writeErr: context.say })
    .addHelpText(
      "after",
      `
Examples:
  flashfleet demo                                          a whole fleet on this machine, modelled
  flashfleet controller --data ./data                      start a controller with its own nats-server
  flashfleet agent --name flash01 --nats nats://HOST:4222  start the agent on a storage node
  flashfleet plan playbooks/data-in-a-flash.yaml           what would be done, step by step
  flashfleet run playbooks/data-in-a-flash.yaml            do it
  flashfleet health                                        who is connected to what, and whether it works`,
    );
  withListOptions(withPlaybookOptions(program.command("run [playbook...]").description("run playbooks over the fleet")))
    .option("-C, --check", "only say what would be done")
    .option("--step", "ask before each task whether to do it")
    .addOption(wait())
    .option("--resume <run>", "instead of playbooks: go on with what failed in this run")
    .addHelpText(
      "after",
      "\nExamples:\n  flashfleet run -i inventory.yaml -l rack4 playbooks/data-in-a-flash.yaml -e service_id=4421\n  flashfleet run site.yml -l @failed --wait",
    )
    .action(
      act((playbooks: string[], options: RunOptions & HabitOptions, command: Command) => {
        mindHabits(command, options, context);
        return run(context, playbooks, options);
      }),
    );
  withPlaybookOptions(
    program.command("plan <playbook...>").description("what a run would do, step by step; changes nothing"),
  )
    .option("--detailed-exitcode", "exit with 2 when there is something to do")
    .option("--save <file>", "save it, so that flashfleet apply does this very thing")
    .addHelpText(
      "after",
      "\nExamples:\n  flashfleet plan playbooks/data-in-a-flash.yaml --detailed-exitcode\n  flashfleet plan site.yml -l rack4 --save rack4.plan",
    )
    .action(
      act((playbooks: string[], options: RunOptions & HabitOptions, command: Command) => {
        mindHabits(command, options, context);
        return plan(context, playbooks, options);
      }),
    );
  withRunOptions(
    program.command("exec <pattern> [module] [arguments...]").description("one module on the nodes of a pattern"),
  )
    .option("-m, --module-name <module>", "the module (default: command)")
    .option("-a, --args <args>", "its arguments in one text: 'name=value name=value', or JSON")
    .option("-C, --check", "only say what would be done")
    .addOption(wait())
    .option("--list-hosts", "only list the hosts")
    .addHelpText(
      "after",
      "\nExamples:\n  flashfleet exec all command 'uname -r'\n  flashfleet exec targets kernel_module name=nvmet-tcp\n  flashfleet exec targets -m kernel_module -a name=nvmet-tcp",
    )
    .action(
      act(
        (
          pattern: string,
          module: string | undefined,
          words: string[],
          options: ExecOptions & HabitOptions,
          command: Command,
        ) => {
          mindHabits(command, options, context);
          return exec(context, pattern, module, words, options);
        },
      ),
    );
  for (const command of program.commands) (command.name() === "exec" ? withAdHocHabits : withHabits)(command);
  withVaultOptions(
    program.command("apply <file>").description("do what a saved plan says; refused if its nodes changed since then"),
  )
    .option("--show", "only show the plan; needs no controller")
    .addOption(wait())
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExamples:\n  flashfleet apply rack4.plan --show\n  flashfleet apply rack4.plan --wait")
    .action(act((file: string, options: ApplyOptions) => apply(context, file, options)));
  addFileCommands(program, context, act);
  program
    .command("nodes [pattern]")
    .description("the enrolled nodes")
    .addOption(data())
    .addOption(output())
    .action(act((pattern: string | undefined, options) => nodes(context, pattern, options)));
  program
    .command("facts [pattern]")
    .description("what the nodes are: kernel, modules, drives and what uses them, addresses, host identity")
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExample:\n  flashfleet facts flash01 -o json | jq .facts.drives")
    .action(act((pattern: string | undefined, options) => facts(context, pattern, options)));
  program
    .command("health [pattern]")
    .description("every connection, judged from both ends; exits with 2 when anything is not healthy")
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExample:\n  flashfleet health databases || page-somebody")
    .action(act((pattern: string | undefined, options) => health(context, pattern, options)));
  addVolumeCommands(program, context, act);
  program
    .command("runs")
    .description("runs of this controller, the newest first")
    .addOption(data())
    .addOption(output())
    .action(act((options) => runs(context, options)));
  program
    .command("attach <run>")
    .description("show a run from its beginning, live while it runs; Ctrl-C leaves it running")
    .option("-D, --diff", "show every step")
    .option("-v, --verbose", "show results and what happens meanwhile")
    .addOption(data())
    .addOption(output())
    .action(act((run: string, options) => attach(context, run, options)));
  program
    .command("cancel <run>")
    .description("stop a run after what is under way on its nodes")
    .addOption(data())
    .action(act((run: string, options) => cancel(context, run, options)));
  program
    .command("controller")
    .description("start a controller; without --nats it starts and looks after its own nats-server on loopback")
    .addOption(data())
    .option("--nats <url>", "use this nats-server instead of an own one")
    .option("--token-file <file>", "the token of that nats-server (else $FLASHFLEET_NATS_TOKEN)")
    .addOption(new Option("--log-level <level>", "default: warn").choices(["debug", "info", "warn", "error", "silent"]))
    .addHelpText("after", "\nExample:\n  flashfleet controller --data /srv/flashfleet")
    .action(act((options: ControllerCommandOptions) => controller(context, options)));
  program
    .command("agent")
    .description("run the agent of a storage node (flashfleet agent --help)")
    .allowUnknownOption()
    .allowExcessArguments();
  program
    .command("completion")
    .description("print a script that completes commands at the tab key")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(shells)))
    .addHelpText(
      "after",
      "\nExamples:\n  source <(flashfleet completion bash)\n  flashfleet completion fish > ~/.config/fish/completions/flashfleet.fish",
    )
    .action(act(async (shell: Shell) => completion(context, shell)));
  program
    .command("demo")
    .description(
      "a controller, a target and two initiators on this machine, on modelled kernels, and the walkthrough over them",
    )
    .option("--once", "end when it is done, instead of staying for you to try things")
    .action(act((options: { once?: boolean }) => demo(context, options)));
  return program;
}
