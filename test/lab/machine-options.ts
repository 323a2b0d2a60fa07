import type { Millis } from "../../shared/clock.ts";
import type { Kernel } from "./kernel.ts";
import type { Link } from "./network.ts";
import type { ProgramOptions } from "./programs.ts";
import type { Drive, Share } from "./qemu.ts";

/** What a machine is like. */
export interface MachineOptions {
  name: string;
  kernel: Kernel;
  /** From {@link buildInitrd}. */
  initrd: string;
  /** For sockets, logs and drives; made here. A short path: a socket's holds 107 bytes. */
  directory: string;
  /** Megabytes. Default: 768. All that the machine writes outside its drives and shares is in it. */
  memory?: number;
  /** Default: 1. */
  cpus?: number;
  /** Default: tcg, which runs everywhere. */
  accelerator?: "tcg" | "kvm";
  drives?: readonly Drive[];
  links?: readonly Link[];
  shares?: readonly Share[];
  /** Started at every boot: {@link Machine.main}. */
  run?: ProgramOptions;
}

/** How to run something in a machine. */
export interface CommandOptions extends Omit<ProgramOptions, "command"> {
  /** Default: a minute. */
  within?: Millis;
}
