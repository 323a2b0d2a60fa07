import { Errno, KernelCrash } from "../../../agent/system/model/errno.ts";
import { createMemoryFabric } from "../../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode } from "../../../agent/system/model/model-system.ts";
import type { Process } from "../../../agent/system/model/process.ts";
import { kernelOf } from "../../../agent/system/model/versions.ts";
import { SystemError } from "../../../agent/system/system.ts";
import { countingRandom, ManualClock } from "../../unit/agent/system/model/lab.ts";
import { type Calls, Killed, type Machine, Refused } from "./machine.ts";
import { modelCommands } from "./model-commands.ts";
import { ModelHearing } from "./model-hearing.ts";

const never = Number.MAX_SAFE_INTEGER;
/** Milliseconds that a program takes to start and to end. */
const programTime = 30;
/** Milliseconds, as on the recorded machines: a scan is not done when the connect returns. */
const pace = { connect: 60, scan: 20, retry: 15, release: 10 };

/** A model of this kernel (a name of `kernelVersions`) as the machine that programs run on: without drives, with one address. */
export function modelMachine(kernel: string): Machine {
  const clock = new ManualClock();
  const system = createModelNode({
    hostname: "probe",
    kernel,
    drives: [],
    addresses: ["10.0.2.15/24"],
    fabric: createMemoryFabric(),
    clock,
    random: countingRandom(),
    pace,
    modulesMissing: missingModules(kernel),
    tmpfs: ["/run", "/tmp"],
  });
  const hearing = new ModelHearing(() => clock.now());
  const inTime = <R>(work: () => R | Promise<R>) => clock.drive(refusing(work));
  const calling: InTime = (work) => {
    hearing.called();
    return inTime(work);
  };
  const init = system.startProcess();
  /** As busybox prints it, which ends with the first that cannot be unloaded. */
  const whyNot = async (name: string): Promise<string | undefined> => {
    if (!(await system.list("/sys/module")).includes(name)) return "No such file or directory";
    try {
      await inTime(() => system.do({ op: "unloadModule", name }, never));
      return undefined;
    } catch (error) {
      ignore(error);
      return "Resource temporarily unavailable";
    }
  };
  const machine: Machine = {
    release: kernelOf(kernel).release,
    calls: callsOf(init, calling),
    modprobe: async (name, parameters = {}) => {
      await inTime(() => system.do({ op: "modprobe", name, parameters }, never)).catch(ignore);
    },
    rmmod: async (modules) => {
      for (const name of modules) {
        const why = await whyNot(name);
        if (why !== undefined) return `rmmod: can't unload module '${name}': ${why}`;
      }
      return "";
    },
    mountConfigfs: () => inTime(() => system.do({ op: "mountConfigfs" }, never)),
    setReadOnly: (disk, readOnly) => inTime(() => system.setReadOnly(disk, readOnly)).catch(ignore),
    sleep: (seconds) => clock.advance(seconds * 1000),
    within: (seconds, work) => clock.drive(patiently(clock, seconds * 1000, work)),
    fork: async ({ network, root }) => {
      const child = init.fork();
      if (network === "own") child.unshareNetwork();
      if (root !== undefined) child.chroot(root);
      if (root !== undefined) child.chdir("/");
      return { ...machine, calls: callsOf(child, calling), exit: async () => {} };
    },
    mountSystem: async (at) => system.bindMount("/sys", at),
    now: () => clock.now(),
    kernelLog: async () => [...system.kernelLog()],
    dial: (address, port) => inTime(() => system.dial({ address, port }, never)),
    ...modelCommands(system, clock),
    hear: async () => hearing.start(system),
    losetup: (device, path) => told(() => inTime(() => system.attachLoop(device.replace("/dev/", ""), path))),
    resizeLoop: (device) => told(() => inTime(() => system.resizeLoop(device.replace("/dev/", "")))),
    readLogPage: async (controller, _page, length) => {
      const page = await inTime(() => system.readDiscoveryLog(controller));
      await clock.advance(programTime);
      return page.subarray(0, length);
    },
  };
  return machine;
}

/**
 * What the machines lacked on which kernels were recorded. None had the modules of Fibre Channel and of InfiniBand; those with
 * Ubuntu 24.04's kernels had no RAM disks either.
 */
function missingModules(kernel: string): string[] {
  const noble = ["6.8", "6.11", "6.14", "6.17"].includes(kernel);
  return ["nvmet_fc", "rdma_cm", "nvmet_pci_epf", ...(noble ? ["brd"] : [])];
}

/** What the work gives, or undefined once so many milliseconds have passed. */
async function patiently<R>(clock: ManualClock, millis: number, work: Promise<R>): Promise<R | undefined> {
  const done = new AbortController();
  const late = clock.sleep(millis, done.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** As a command that says nothing where it succeeds. */
async function told(work: () => Promise<void>): Promise<{ code: number; text: string }> {
  try {
    await work();
    return { code: 0, text: "" };
  } catch (error) {
    if (error instanceof Refused) return { code: 1, text: error.errno };
    throw error;
  }
}

function ignore(error: unknown): void {
  if (!(error instanceof Refused)) throw error;
}

type InTime = <R>(work: () => R | Promise<R>) => Promise<R>;

function callsOf(process: Process, inTime: InTime): Calls {
  return {
    open: (path, flags) => inTime(() => process.open(path, flags)),
    read: (descriptor, length, position) => inTime(() => process.read(descriptor, length, position)),
    write: (descriptor, bytes, position) => inTime(() => process.write(descriptor, bytes, position)),
    close: (descriptor) => inTime(() => process.close(descriptor)),
    mkdir: (path) => inTime(() => process.mkdir(path)),
    rmdir: (path) => inTime(() => process.rmdir(path)),
    unlink: (path) => inTime(() => process.unlink(path)),
    symlink: (to, path) => inTime(() => process.symlink(to, path)),
    rename: (from, to) => inTime(() => process.rename(from, to)),
    readlink: (path) => inTime(() => process.readlink(path)),
    realpath: (path) => inTime(() => process.realpath(path)),
    readdir: (path) => inTime(() => process.readdir(path)),
    lstat: (path) => inTime(() => process.lstat(path)),
    stat: (path) => inTime(() => process.stat(path)),
    truncate: (path, size) => inTime(() => process.truncate(path, size)),
    chdir: (path) => inTime(() => process.chdir(path)),
  };
}

async function refusing<R>(work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Errno) throw new Refused(error.code, error);
    if (error instanceof SystemError) throw new Refused(error.errno, error);
    if (error instanceof KernelCrash) throw new Killed(error.message, { cause: error });
    throw error;
  }
}
