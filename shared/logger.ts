import { pino } from "pino";

/** What the program logs with: an object of fields, then a message. Never a secret under any name. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The same logger with fields that every line carries. */
  child(fields: Record<string, unknown>): Logger;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

interface LoggerOptions {
  name: string;
  level?: LogLevel;
  /** Where lines of JSON go; stderr by default: stdout belongs to the program's answers. */
  destination?: { write(line: string): void };
}

/** Fields that may hold a secret, at the top and one or two levels down. */
const secretFields = [
  "token",
  "secret",
  "secrets",
  "key",
  "password",
  "mac",
  "authorization",
  "dhchap_key",
  "dhchap_ctrl_key",
];
const more = ["dhchap_secret", "dhchap_ctrl_secret"];
const redacted = [...secretFields, ...more].flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

export function createLogger({ name, level = "info", destination }: LoggerOptions): Logger {
  return pino(
    { name, level, redact: { paths: redacted, censor: "[secret]" }, base: { name } },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
