/** What the model kernel refuses something with; {@link ModelSystem} gives it the path and makes it a SystemError. */
export class Errno extends Error {
  override readonly name = "Errno";
  /** As errno.h names it. */
  readonly code: string;

  /** `detail` is what Linux would print to its log. */
  constructor(code: string, detail?: string) {
    super(detail ?? code);
    this.code = code;
  }
}
