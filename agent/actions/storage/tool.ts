import { FlashfleetError } from "../../../shared/errors.ts";
import type { ActionContext } from "../action.ts";
import { type Ran, runTool } from "../programs/run.ts";

/** Debian's packages by what they bring. */
export type Package = "btrfs-progs" | "dosfstools" | "e2fsprogs" | "f2fs-tools" | "mount" | "util-linux" | "xfsprogs";

/** What a program said; where the node lacks it, the error names the package that has it. */
export async function fromPackage(name: Package, ran: Promise<Ran>): Promise<Ran> {
  try {
    return await ran;
  } catch (error) {
    if (!(error instanceof FlashfleetError && error.code === "not_found")) throw error;
    throw new FlashfleetError("not_found", error.message, {
      hint: `install it: Debian's package is ${name}`,
      cause: error,
    });
  }
}

/**
 * In a check: throws where the node lacks a program that the run would need, unless an earlier task may bring it; gives why it is
 * not known, then. What the program says of the option is of no interest.
 */
export async function whyPerhapsMissing(
  name: Package,
  program: string,
  { checking }: ActionContext,
): Promise<string | undefined> {
  if (checking === undefined) return undefined;
  const { node: system, deadline, foreseen } = checking;
  try {
    await fromPackage(name, runTool({ argv: [program, "-V"] }, { system, deadline }));
    return undefined;
  } catch (error) {
    const why = foreseen.whyPerhapsThere();
    if (why === undefined || !(error instanceof FlashfleetError && error.code === "not_found")) throw error;
    return `${program} is not there, and ${why}`;
  }
}

/** What a program complained of, on one line. */
export function complaint({ code, stdout, stderr }: Ran): string {
  const said = (stderr.trim() || stdout.trim()).replaceAll(/\s*\n\s*/g, "; ").slice(0, 500);
  if (said !== "") return said;
  return code === null ? "a signal ended it" : `it ended with exit code ${code}`;
}
