import { readFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Address, type CredentialsEnvironment, resolveAddress } from "../shared/bus/credentials.ts";
import { FlashfleetError } from "../shared/errors.ts";
import type { LogLevel } from "../shared/logger.ts";
import { NodeId } from "../shared/protocol/ids.ts";

/** A machine that exists only as a model: for demonstrations and tests. */
export const ModelMachine = z.strictObject({
  kernel: z.string().default("6.12"),
  drives: z.array(z.strictObject({ serial: z.string(), model: z.string(), size: z.int().positive() })).default([]),
  /** CIDR: 10.0.0.1/24. */
  addresses: z.array(z.string()).default([]),
});
export type ModelMachine = z.infer<typeof ModelMachine>;

export interface AgentConfig {
  node: NodeId;
  address: Address;
  data: string;
  labels: Record<string, string | true>;
  logLevel: LogLevel;
  model: { machine: ModelMachine; fabric: string } | undefined;
}

export const usage = `Usage: flashfleet agent --name NAME --nats URL [options]

Runs the agent of one storage node: it carries out the controller's orders, keeps what they set up over reboots
and faults, and reports. Stopping it changes nothing in the kernel.

Options:
  --name NAME          the node's name in the fleet: lower-case letters, digits, dashes (default: the host name)
  --nats URL           where nats-server is: nats://10.0.0.1:4222
  --token-file FILE    the bus's token; else $FLASHFLEET_NATS_TOKEN, or the controller's own on the same machine
  --label NAME[=VALUE] a group of the inventory that this node belongs to; may be given more than once
  --data DIR           where the node's spec is kept (default: /var/lib/flashfleet/agent/NAME, without root below ~)
  --log-level LEVEL    debug, info, warn, error, silent (default: info)
  --model FILE         model a machine instead of using this one: { "drives": […], "addresses": […] } (for demonstrations)
  --fabric DIR         the directory through which modelled machines meet
  --help               this text

Examples:
  flashfleet agent --name flash01 --nats nats://10.0.0.1:4222 --token-file /etc/flashfleet/token --label targets
  node flashfleet-agent.mjs --name db07 --nats nats://10.0.0.1:4222 --label initiators --label rack=b4
`;

const levels = ["debug", "info", "warn", "error", "silent"] as const;

/** The command line and the environment as a configuration, or undefined where only help was asked for. Throws `bad_argument`. */
export async function readConfig(
  argv: readonly string[],
  environment: CredentialsEnvironment,
): Promise<AgentConfig | undefined> {
  const values = parse(argv);
  if (values.help) return undefined;
  const name = values.name ?? hostname().split(".")[0]?.toLowerCase() ?? "";
  const node = NodeId.safeParse(name);
  if (!node.success)
    throw bad(
      `cannot use ${JSON.stringify(name)} as the node's name: ${node.error.issues[0]?.message}`,
      "give one with --name",
    );
  if (values.nats === undefined) {
    throw bad(
      "cannot start the agent: --nats is missing",
      "say where the controller's nats-server is: --nats nats://HOST:4222",
    );
  }
  const level = levels.find((each) => each === (values["log-level"] ?? "info"));
  if (level === undefined) throw bad(`there is no log level ${values["log-level"]}`, `levels: ${levels.join(", ")}`);
  return {
    node: node.data,
    address: await resolveAddress(values.nats, environment, values["token-file"]),
    data: values.data ?? defaultData(node.data),
    labels: Object.fromEntries((values.label ?? []).map(parseLabel)),
    logLevel: level,
    model: await readModel(values.model, values.fabric),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        name: { type: "string" },
        nats: { type: "string" },
        "token-file": { type: "string" },
        label: { type: "string", multiple: true },
        data: { type: "string" },
        "log-level": { type: "string" },
        model: { type: "string" },
        fabric: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    throw bad(
      cause instanceof Error ? cause.message : String(cause),
      "flashfleet agent --help shows the options",
      cause,
    );
  }
}

function bad(message: string, hint: string, cause?: unknown): FlashfleetError {
  return new FlashfleetError("bad_argument", message, { hint, cause });
}

function defaultData(node: NodeId): string {
  const root = process.getuid?.() === 0;
  return root ? `/var/lib/flashfleet/agent/${node}` : join(homedir(), ".local", "state", "flashfleet", "agent", node);
}

function parseLabel(text: string): [string, string | true] {
  const [, name = "", value] = /^([A-Za-z_][\w-]*)(?:=(.*))?$/.exec(text) ?? [];
  if (name === "") throw bad(`cannot use ${JSON.stringify(text)} as a label`, "labels look like targets or rack=b4");
  return [name, value ?? true];
}

async function readModel(file: string | undefined, fabric: string | undefined): Promise<AgentConfig["model"]> {
  if (file === undefined) return undefined;
  if (fabric === undefined)
    throw bad("cannot model a machine: --fabric is missing", "name a directory that the modelled machines share");
  try {
    return { machine: ModelMachine.parse(JSON.parse(await readFile(file, "utf8"))), fabric };
  } catch (cause) {
    throw bad(
      `cannot read the model ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'it looks like { "drives": [{ "serial": "S1", "model": "M", "size": 2147483648 }], "addresses": ["10.0.0.1/24"] }',
      cause,
    );
  }
}
