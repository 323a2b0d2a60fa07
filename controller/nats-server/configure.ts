import { FlashfleetError } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";

export interface ServerSettings {
  /** Loopback only, until nodes have identities. */
  host: string;
  port: number;
  /** Shown to clients at connect: how the supervisor knows its own server. */
  name: string;
  /** Where JetStream keeps streams and buckets. */
  storeDirectory: string;
  token: Secret;
  pidFile: string;
  logFile: string;
}

/** Bytes of the largest message: a project or the facts of a big node fit. nats-server warns above this. */
export const largestMessage = 8 * 1024 * 1024;

const loopback = ["127.0.0.1", "::1", "localhost"];

/** Throws `bus_bind` for an address beyond this machine. */
export function mustBeLoopback(host: string): void {
  if (loopback.includes(host)) return;
  throw new FlashfleetError(
    "bus_bind",
    `cannot let nats-server listen on ${host}: only a loopback address is allowed`,
    {
      hint: "nodes have no identities of their own yet; for other machines run nats-server yourself and pass --nats URL",
    },
  );
}

/** The configuration file of our own nats-server; it holds the token. Throws `bus_bind`, `data_directory`. */
export function renderServerConfig(settings: ServerSettings): string {
  const { host, port, name, storeDirectory, token, pidFile, logFile } = settings;
  mustBeLoopback(host);
  return `# Written by flashfleet at every start.
server_name: ${quote(name)}
host: ${quote(host)}
port: ${port}
pid_file: ${quote(pidFile)}
log_file: ${quote(logFile)}
logfile_size_limit: 16MB
max_payload: ${largestMessage}
max_connections: 65536
# A fleet that comes back at once must not be thrown out for being slow.
authorization { token: ${quote(token.reveal())}, timeout: 30 }
jetstream { store_dir: ${quote(storeDirectory)}, max_memory_store: 64MB }
`;
}

function quote(text: string): string {
  if (/["\\\n]/.test(text)) {
    throw new FlashfleetError(
      "data_directory",
      `cannot configure nats-server: ${JSON.stringify(text)} has a quote, a backslash or a line end`,
      {
        hint: "choose a data directory without them",
      },
    );
  }
  return `"${text}"`;
}
