import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";
import { fetchNatsServer } from "./fetch.ts";
import { runProgram } from "./program.ts";
import { parseVersion } from "./version.ts";

export interface WhereToLook {
  /** $NATS_SERVER: used as it is, and nothing else is tried. */
  explicit?: string | undefined;
  /** $PATH. */
  path: string;
  /** Directories that may hold a nats-server from before; one that is fetched goes into the first. */
  caches: readonly [string, ...string[]];
  /** For people: what is being done, when it takes a while. */
  say: (text: string) => void;
}

export interface NatsServerProgram {
  program: string;
  /** 2.9.10 */
  version: string;
}

/** Debian puts nats-server where the PATH of a user does not reach. */
const systemDirectories = ["/usr/local/sbin", "/usr/sbin"];

/**
 * A nats-server that runs: the one that was named, then PATH, then a cache, else fetched into the first cache. Throws
 * `nats_server_missing` with what the reader can do.
 */
export async function findNatsServer(where: WhereToLook): Promise<NatsServerProgram> {
  if (where.explicit !== undefined) return askVersion(where.explicit);
  const directories = [...where.path.split(delimiter).filter(Boolean), ...systemDirectories, ...where.caches];
  for (const directory of directories) {
    const program = join(directory, "nats-server");
    if (await isExecutable(program)) return askVersion(program);
  }
  return askVersion(await fetchNatsServer(where.caches[0], where.say));
}

async function isExecutable(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function askVersion(program: string): Promise<NatsServerProgram> {
  const { code, output } = await runProgram(program, ["--version"]);
  const version = parseVersion(output);
  if (code === 0 && version !== undefined) return { program, version };
  throw new FlashfleetError("nats_server_missing", `cannot use ${program}: it is no nats-server that runs here`, {
    hint: "set NATS_SERVER to another one, or remove this one",
    cause: new Error(output.trim() || `exit code ${code}`),
  });
}
