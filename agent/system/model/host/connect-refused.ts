import { Errno } from "../errno.ts";

/** Why a connect failed. */
export class ConnectRefused extends Errno {
  /** The target said not to retry, or the keys do not fit: kernels from 6.11 on give up for good. */
  readonly final: boolean;
  /** What the target answered to Connect, where it answered. */
  readonly status: number | undefined;

  constructor(code: string, final: boolean, detail?: string, status?: number) {
    super(code, detail);
    this.final = final;
    this.status = status;
  }
}
