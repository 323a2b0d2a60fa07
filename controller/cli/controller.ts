import { createLogger, type LogLevel } from "../../shared/logger.ts";
import { dataDirectory } from "../config.ts";
import { startController } from "../controller.ts";
import { type Context, exitCodes } from "./context.ts";

export interface ControllerCommandOptions {
  data?: string;
  nats?: string;
  tokenFile?: string;
  logLevel?: LogLevel;
}

/** Runs the controller until a signal ends it. */
export async function controller(context: Context, options: ControllerCommandOptions): Promise<number> {
  const data = dataDirectory(options.data, context.environment);
  const running = await startController({
    data,
    nats: options.nats,
    tokenFile: options.tokenFile,
    environment: context.environment,
    log: createLogger({ name: "controller", level: options.logLevel ?? "warn" }),
    say: (text) => context.say(`${text}\n`),
  });
  const token = running.tokenFile === undefined ? "" : ` --token-file ${running.tokenFile}`;
  context.out(`Controller ready: data in ${data}, bus at ${running.url}\n`);
  context.out(`Agents on this machine: flashfleet agent --name NAME --nats ${running.url}${token}\n`);
  await new Promise<void>((resolve) => {
    if (context.stop.aborted) resolve();
    context.stop.addEventListener("abort", () => resolve(), { once: true });
  });
  context.say("The controller stops; agents go on by themselves.\n");
  await running.close();
  return exitCodes.fine;
}
