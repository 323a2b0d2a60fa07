import { SystemError } from "../system.ts";
import { Errno } from "./errno.ts";

/** What a refused operation of a machine rejects with. */
export function refusal(doing: string, path: string, error: unknown): unknown {
  if (!(error instanceof Errno)) return error;
  const detail = error.message === error.code ? {} : { detail: error.message };
  return new SystemError(error.code, path, doing, { cause: error, ...detail });
}

/** What a machine without power answers. */
export function silence(): Promise<never> {
  return new Promise(() => {});
}
