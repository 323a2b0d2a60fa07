import { FlashfleetError } from "../../shared/errors.ts";
import { hasErrno } from "../system/system.ts";
import type { Action, ActionContext } from "./action.ts";
import { exists } from "./exists.ts";

/** Milliseconds between two looks: a foreign program gives no event to wait for. */
const pause = 500;
/** Milliseconds for one attempt to connect. */
const attemptMillis = 2000;

/** Waits until a port answers or is silent, or a path is there or gone. */
export const waitFor: Action<"wait_for"> = async (args, context) => {
  const { clock, check } = context;
  if (args.port === undefined && args.path === undefined) {
    throw new FlashfleetError("bad_argument", "cannot wait: neither a port nor a path is given", {
      hint: "wait_for: { host: 10.0.0.1, port: 4420 }, or { path: /dev/disk/by-id/nvme-… }",
    });
  }
  if (check) return { outcome: "ok", result: { skipped: true, msg: "nothing is waited for in a check" } };
  const wantedThere = args.state === "started" || args.state === "present";
  const start = clock.now();
  const end = Math.min(start + args.timeout * 1000, context.deadline);
  await clock.sleep(args.delay * 1000);
  for (;;) {
    const there =
      args.path === undefined
        ? await answers(args.host, args.port ?? 0, context)
        : await exists(context.system, args.path);
    if (there === wantedThere) {
      return { outcome: "ok", result: { elapsed: Math.round((clock.now() - start) / 1000), state: args.state } };
    }
    if (clock.now() + pause >= end) {
      const what = args.path ?? `${args.host}:${args.port}`;
      throw new FlashfleetError("deadline", `${what} is not ${args.state} after ${args.timeout} s`, {
        hint: "look there, or give a longer timeout",
      });
    }
    await clock.sleep(pause);
  }
};

async function answers(address: string, port: number, { system, clock }: ActionContext): Promise<boolean> {
  try {
    (await system.dial({ address, port }, clock.now() + attemptMillis)).destroy();
    return true;
  } catch (error) {
    if (hasErrno(error, "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ECONNRESET")) return false;
    throw error;
  }
}
