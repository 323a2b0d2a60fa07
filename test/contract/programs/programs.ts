import { Lib } from "./lib.ts";
import { Killed, type Machine } from "./machine.ts";
import { t1 } from "./t1/t1.ts";
import { t2 } from "./t2/t2.ts";
import { t3 } from "./t3.ts";
import { t4 } from "./t4/t4.ts";
import { t5 } from "./t5.ts";
import { t6 } from "./t6.ts";
import { t7, t8 } from "./t7.ts";
import { t9 } from "./t9.ts";

/** A program that was run on real kernels: it prints its lines through the library. */
export type Program = (lib: Lib) => Promise<void>;

/** Runs a program until it ends, or until a crash of the kernel ends it; `print` is given each line. */
export async function perform(program: Program, machine: Machine, print: (line: string) => void): Promise<void> {
  try {
    await program(new Lib(machine, print));
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** By the names of the recordings. */
export const programs: Readonly<Record<string, Program>> = { t1, t2, t3, t4, t5, t6, t7, t8, t9 };
