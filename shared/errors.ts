import * as z from "zod";

/**
 * Every code an error of flashfleet can carry; docs/errors.md explains each, and a test holds the two together.
 * A code is stable: scripts and the controller tell errors apart by it, never by the message.
 */
export const errorCodes = [
  "address_in_use",
  "agent_running",
  "bad_argument",
  "bad_inventory",
  "bad_message",
  "bad_playbook",
  "bad_template",
  "bus_auth",
  "bus_bind",
  "bus_lost",
  "call_refused",
  "call_reused",
  "command_failed",
  "controller_running",
  "controller_unreachable",
  "data_directory",
  "deadline",
  "device_absent",
  "device_changed",
  "device_in_use",
  "discovery_failed",
  "identity_conflict",
  "interrupted",
  "internal",
  "kernel_lacks",
  "kernel_refused",
  "key_missing",
  "module_missing",
  "nats_server_failed",
  "nats_server_missing",
  "no_hosts",
  "node_busy",
  "node_unreachable",
  "not_converging",
  "not_found",
  "not_ours",
  "plan_refused",
  "plan_stale",
  "stale_order",
  "store_conflict",
  "store_failed",
  "task_failed",
  "volumes_unmet",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error as it travels: on the bus, in a run's entries, in `-o json`. Never holds a secret. */
export interface ErrorData {
  code: ErrorCode;
  /** "cannot <verb> <object>: <reason>", with the actual values. */
  message: string;
  /** What the reader can do about it. */
  hint?: string | undefined;
  /** Where in people's input: `file:line:column`. */
  place?: string | undefined;
  cause?: ErrorData | undefined;
}

export const ErrorData: z.ZodType<ErrorData> = z.object({
  // A newer peer may send a code that this version does not know: it is shown as internal, its message kept.
  code: z.enum(errorCodes).catch("internal"),
  message: z.string(),
  hint: z.string().optional(),
  place: z.string().optional(),
  get cause() {
    return ErrorData.optional();
  },
});

interface Details {
  hint?: string | undefined;
  place?: string | undefined;
  cause?: unknown;
}

/** The one error class: tell errors apart by `code`. */
export class FlashfleetError extends Error {
  override readonly name = "FlashfleetError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: string | undefined;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.place = details.place;
  }
}

/** Any thrown value as data; an error that is not ours is `internal`, with its own message. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof FlashfleetError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.place === undefined ? {} : { place: error.place }),
      ...(error.cause === undefined ? {} : { cause: toErrorData(error.cause) }),
    };
  }
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}

/** The thrown form of an error that came as data. */
export function fromErrorData(data: ErrorData): FlashfleetError {
  return new FlashfleetError(data.code, data.message, {
    hint: data.hint,
    place: data.place,
    ...(data.cause === undefined ? {} : { cause: fromErrorData(data.cause) }),
  });
}

/** What an error rests on, the nearest cause first, without what its message says already. */
export function reasonsOf(error: ErrorData): string[] {
  const reasons: string[] = [];
  for (let cause = error.cause; cause !== undefined; cause = cause.cause) {
    if (!error.message.includes(cause.message)) reasons.push(cause.message);
  }
  return reasons;
}

/** An error for people: its place, message and hint, and the causes below it, each on a line of its own. */
export function renderError(error: ErrorData): string {
  const lines = [`${error.place === undefined ? "" : `${error.place}: `}${error.message}`];
  for (const reason of reasonsOf(error)) lines.push(`  because: ${reason}`);
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  return lines.join("\n");
}
