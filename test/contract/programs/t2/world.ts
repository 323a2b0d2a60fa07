import { HI, HN } from "../fabrics.ts";
import type { Lib } from "../lib.ts";
import type { Hearing } from "../machine.ts";
import { type Printed, Tuple } from "../python.ts";
import { connectTwice } from "./connect-twice.ts";

/*
 * What the parts of t2 have in common. Names as in the original.
 */

export const HI2 = "21111111-2222-3333-4444-555555555555";
export const HN2 = `nqn.2014-08.org.nvmexpress:uuid:${HI2}`;

const shown = ["NVME", "DEVNAME", "SUBSYSTEM", "DISK_RO", "RESIZE"];
/** Seconds after which an answer is remarkable. */
const slow = 2;

/** What a connect says, where it does not say all of it itself; null leaves an option away. */
export interface ConnectArguments {
  hostnqn?: string | null;
  hostid?: string | null;
  extra?: string;
  traddr?: string;
  svc?: string | null;
  tr?: string;
  raw?: string;
}

/** The program's words about the initiator of one machine. */
export class Words {
  readonly lib: Lib;
  readonly #hearing: Hearing;

  constructor(lib: Lib, hearing: Hearing) {
    this.lib = lib;
    this.#hearing = hearing;
  }

  forget(): void {
    this.#hearing.forget();
  }

  async flushev(label: string): Promise<void> {
    await this.lib.machine.sleep(0.7);
    for (const { headline, properties } of this.#hearing.heard()) {
      if (!headline.includes("nvme")) continue;
      const those = properties.filter((each) => shown.some((name) => each.startsWith(name)));
      this.lib.T(`uevent[${label}]`, `${headline} ${those.join(" ")}`);
    }
  }

  /** Connects, and says how that went. */
  async C(nqn: string, given: ConnectArguments = {}): Promise<string> {
    const { machine } = this.lib;
    const begun = machine.now();
    const told = await connectTwice(this.lib, given.raw ?? this.#line(nqn, given));
    if ("told" in told) return `ok:${told.told}${told.second === "EINVAL" ? "" : ` second=${told.second}`}`;
    const seconds = (machine.now() - begun) / 1000;
    return seconds > slow ? `${told.errno} (${seconds.toFixed(1)}s)` : told.errno;
  }

  /** Connects, and takes it back at once. */
  async RC(nqn: string, given: ConnectArguments = {}): Promise<string> {
    const said = await this.C(nqn, given);
    const [, instance] = /^ok:instance=(\d+)/.exec(said) ?? [];
    if (instance === undefined) return said;
    await this.lib.machine.sleep(0.3);
    await this.dele(`nvme${instance}`);
    return said;
  }

  dele(controller: string): Promise<string> {
    return this.lib.w(`/sys/class/nvme/${controller}/delete_controller`, "1");
  }

  async deleteAll(): Promise<void> {
    for (const controller of await this.lib.names("/sys/class/nvme")) await this.dele(controller);
  }

  async ctrls(): Promise<Map<string, Printed>> {
    const found = new Map<string, Printed>();
    for (const name of await this.lib.names("/sys/class/nvme")) {
      const said: string[] = [];
      for (const file of ["state", "subsysnqn", "cntlid"]) {
        said.push((await this.lib.r(`/sys/class/nvme/${name}/${file}`)).slice(1, -3));
      }
      found.set(name, new Tuple(...said));
    }
    return found;
  }

  /** The last lines of dmesg in which this is found. */
  async dm(pattern: string, count = 6): Promise<string[]> {
    const lines = (await this.lib.machine.kernelLog()).filter((line) => line.includes(pattern));
    return lines.slice(-count);
  }

  /** The options of one connect, as they are written. */
  #line(nqn: string, given: ConnectArguments): string {
    const { tr = "tcp", traddr = "127.0.0.1", svc = "4420", hostnqn = HN, hostid = HI } = given;
    const options = { nqn, transport: tr, traddr, trsvcid: svc, hostnqn, hostid };
    const said = Object.entries(options).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
    return [...said, ...(given.extra === undefined ? [] : [given.extra])].join(",");
  }
}
