/** What the model kernel refuses something with; {@link ModelSystem} gives it the path and makes it a SystemError. */
export class Errno extends Error {
  override readonly name = "Errno";
  /** As errno.h names it. */
  readonly code: string;

  /** `detail` is what Linux would print to its log. */
  constructor(code: string, detail?: string) {
    // What was refused is known from the operation, and nothing is refused as often as a look at what is not there.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail ?? code);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
  }
}

/**
 * Linux would crash in this system call and kill its caller, with locks held (nvmet-abi: namespaces, referrals). No errno: on
 * a model it is a fault of whoever asked for it.
 */
export class KernelCrash extends Error {
  override readonly name = "KernelCrash";

  constructor(doing: string) {
    super(`the kernel would crash here: ${doing}`);
  }
}

/** write(2) returned less than it was given; what it took is stored all the same. */
export class ShortWrite extends Errno {
  /** Bytes. */
  readonly taken: number;

  constructor(taken: number) {
    super("EIO", "short write: the value is stored");
    this.taken = taken;
  }
}
