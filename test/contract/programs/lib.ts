import { Buffer } from "node:buffer";
import { type ChildPlace, Killed, type Machine, type OpenFlags, Refused } from "./machine.ts";
import { type Printed, repr, str } from "./python.ts";

const configfs = "/sys/kernel/config/nvmet";
/** S_IFMT and S_IFLNK. */
const fileType = 0o170000;
const linkType = 0o120000;
/** SIGKILL: the status that waitpid(2) gives of a process that a crash of the kernel ended. */
const killSignal = 9;

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${configfs}/${path}`;
}

/**
 * The words of the recorded programs (lib.py), over any machine. A path without a leading slash counts from
 * /sys/kernel/config/nvmet. Results are `ok`, the name of an errno, or what was read, as Python shows bytes.
 */
export class Lib {
  readonly machine: Machine;
  readonly #print: (line: string) => void;

  constructor(machine: Machine, print: (line: string) => void) {
    this.machine = machine;
    this.#print = print;
  }

  /** The words alone, to be used without `lib.` before each. */
  words() {
    return {
      T: this.T.bind(this),
      w: this.w.bind(this),
      r: this.r.bind(this),
      mk: this.mk.bind(this),
      rd: this.rd.bind(this),
      ln: this.ln.bind(this),
      un: this.un.bind(this),
      ls: this.ls.bind(this),
      names: this.names.bind(this),
    };
  }

  /** One line of the recording. */
  T(label: string, result: Printed): void {
    this.#print(`T| ${label} | ${str(result)}`);
  }

  async w(path: string, value: string, flags: OpenFlags = { access: "write" }): Promise<string> {
    const { calls } = this.machine;
    const opened = await attempt(() => calls.open(absolute(path), flags));
    if (typeof opened === "string") return `open:${opened}`;
    const length = Buffer.byteLength(value);
    const taken = await attempt(() => calls.write(opened, value));
    await calls.close(opened);
    if (typeof taken === "string") return taken;
    return taken === length ? "ok" : `short(${taken}/${length})`;
  }

  /** What Python's repr of the bytes is, without its b. */
  async r(path: string): Promise<string> {
    const { calls } = this.machine;
    const read = await attempt(async () => {
      const descriptor = await calls.open(absolute(path), { access: "read" });
      try {
        return await calls.read(descriptor, 1 << 20);
      } finally {
        await calls.close(descriptor);
      }
    });
    return typeof read === "string" ? read : repr(read).slice(1);
  }

  mk(path: string): Promise<string> {
    return outcome(() => this.machine.calls.mkdir(absolute(path)));
  }

  rd(path: string): Promise<string> {
    return outcome(() => this.machine.calls.rmdir(absolute(path)));
  }

  ln(target: string, link: string): Promise<string> {
    return outcome(() => this.machine.calls.symlink(absolute(target), absolute(link)));
  }

  /** A target that is left as it is written. */
  lnRelative(target: string, link: string): Promise<string> {
    return outcome(() => this.machine.calls.symlink(target, absolute(link)));
  }

  un(path: string): Promise<string> {
    return outcome(() => this.machine.calls.unlink(absolute(path)));
  }

  /** Names, sorted, or an errno: the program that looks for names in it finds none. */
  ls(path: string): Promise<string[] | string> {
    return attempt(() => this.machine.calls.readdir(absolute(path)));
  }

  /** As `ls`, where what is not there has no names. */
  async names(path: string): Promise<string[]> {
    const names = await this.ls(path);
    return typeof names === "string" ? [] : names;
  }

  /** A write, and what is read then. */
  async wr(path: string, value: string): Promise<string> {
    return `${await this.w(path, value)} -> ${await this.r(path)}`;
  }

  /** One line for each value that is written to a file, with what is read then. */
  async each(label: string, path: string, values: readonly string[]): Promise<void> {
    for (const value of values) this.T(`${label} <- ${repr(value)}`, await this.wr(path, value));
  }

  mv(from: string, to: string): Promise<string> {
    return outcome(() => this.machine.calls.rename(absolute(from), absolute(to)));
  }

  /** None where it is no link. */
  async readlink(path: string): Promise<string | null> {
    const to = await attempt(async () => ({ to: await this.machine.calls.readlink(absolute(path)) }));
    return typeof to === "string" ? null : to.to;
  }

  /** As Python prints st_mode. */
  async mode(path: string, follow = true): Promise<string> {
    const { calls } = this.machine;
    const { mode } = await (follow ? calls.stat(absolute(path)) : calls.lstat(absolute(path)));
    return `0o${mode.toString(8)}`;
  }

  /** The files of a port or of a referral. */
  async settings(port: string): Promise<string[]> {
    return (await this.names(port)).filter((name) => name.startsWith("addr") || name.startsWith("param"));
  }

  /** Where a port listens, or where a referral points: by TCP and IPv4. */
  async address(at: string, traddr: string, trsvcid: string): Promise<void> {
    await this.w(`${at}/addr_trtype`, "tcp");
    await this.w(`${at}/addr_adrfam`, "ipv4");
    await this.w(`${at}/addr_traddr`, traddr);
    await this.w(`${at}/addr_trsvcid`, trsvcid);
  }

  async isLink(path: string): Promise<boolean> {
    return ((await this.machine.calls.lstat(absolute(path))).mode & fileType) === linkType;
  }

  /** As fork(2) and waitpid(2): what the child runs, and the status with which it ends. */
  async fork(where: ChildPlace, body: (child: Lib) => Promise<void>): Promise<number> {
    const machine = await this.machine.fork(where);
    try {
      await body(new Lib(machine, this.#print));
      return 0;
    } catch (error) {
      if (error instanceof Killed) return killSignal;
      throw error;
    } finally {
      await machine.exit();
    }
  }

  async exists(path: string): Promise<boolean> {
    return (await outcome(() => this.machine.calls.stat(absolute(path)))) === "ok";
  }

  async boot(modules: readonly string[] = ["configfs", "nvmet"]): Promise<void> {
    for (const module of modules) await this.machine.modprobe(module);
    await this.machine.mountConfigfs();
  }
}

/** What the work gives, or the errno that it was refused with. */
export async function attempt<R>(work: () => Promise<R>): Promise<R | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return error.errno;
    throw error;
  }
}

/** `ok` or an errno. */
export async function outcome(work: () => Promise<unknown>): Promise<string> {
  const result = await attempt(async () => {
    await work();
  });
  return result ?? "ok";
}
