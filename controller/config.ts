import { homedir, hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { CredentialsEnvironment } from "../shared/bus/credentials.ts";

/** What the controller and the commands read of the environment; nothing else does. */
export interface Environment extends CredentialsEnvironment {
  data: string | undefined;
  natsServer: string | undefined;
  path: string;
  cache: string;
  colours: boolean;
  /** Who gives commands: `user@machine`. */
  user: string;
}

export function readEnvironment(): Environment {
  const { env } = process;
  return {
    XDG_STATE_HOME: env.XDG_STATE_HOME,
    FLASHFLEET_NATS_TOKEN: env.FLASHFLEET_NATS_TOKEN,
    data: env.FLASHFLEET_DATA,
    natsServer: env.NATS_SERVER,
    path: env.PATH ?? "",
    cache: join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flashfleet"),
    // Colours where a person looks, as https://no-color.org has it.
    colours: env.FORCE_COLOR ? true : process.stdout.isTTY === true && !env.NO_COLOR,
    // Commands run as the controller's user: sudo knows who it was.
    user: `${env.SUDO_USER ?? userName()}@${hostname()}`,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return String(process.getuid?.() ?? "somebody");
  }
}

/** `--data`, else $FLASHFLEET_DATA, else the system's for root and the user's for others. Absolute. */
export function dataDirectory(given: string | undefined, environment: Environment): string {
  const root = process.getuid?.() === 0;
  const usual = root
    ? "/var/lib/flashfleet"
    : join(environment.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "flashfleet");
  return resolve(given ?? environment.data ?? usual);
}

/** Where a controller with this data directory answers commands. */
export function apiSocket(data: string): string {
  return join(data, "controller.sock");
}
