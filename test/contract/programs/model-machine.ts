import { Errno } from "../../../agent/system/model/errno.ts";
import { createMemoryFabric } from "../../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode, type ModelSystem } from "../../../agent/system/model/model-system.ts";
import { kernelOf } from "../../../agent/system/model/versions.ts";
import { SystemError } from "../../../agent/system/system.ts";
import { countingRandom, ManualClock } from "../../unit/agent/system/model/lab.ts";
import { type Calls, type Machine, Refused } from "./machine.ts";

const never = Number.MAX_SAFE_INTEGER;

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
  });
  const inTime = <R>(work: () => R | Promise<R>) => clock.drive(refusing(work));
  return {
    release: kernelOf(kernel).release,
    calls: callsOf(system, inTime),
    modprobe: async (name, parameters = {}) => {
      await inTime(() => system.do({ op: "modprobe", name, parameters }, never)).catch(ignore);
    },
    rmmod: async (modules) => {
      for (const name of modules) await inTime(() => system.do({ op: "unloadModule", name }, never)).catch(ignore);
      return "";
    },
    mountConfigfs: () => inTime(() => system.do({ op: "mountConfigfs" }, never)),
    setReadOnly: async (disk, readOnly) => system.setReadOnly(disk, readOnly),
    sleep: (seconds) => clock.advance(seconds * 1000),
    now: () => clock.now(),
    kernelLog: async () => [...system.kernelLog()],
    dial: (address, port) => inTime(() => system.dial({ address, port }, never)),
  };
}

function ignore(error: unknown): void {
  if (!(error instanceof Refused)) throw error;
}

type InTime = <R>(work: () => R | Promise<R>) => Promise<R>;

function callsOf(system: ModelSystem, inTime: InTime): Calls {
  const process = system.startProcess();
  return {
    open: (path, flags) => inTime(() => process.open(path, flags)),
    read: (descriptor, length, position) => inTime(() => process.read(descriptor, length, position)),
    write: (descriptor, bytes) => inTime(() => process.write(descriptor, bytes)),
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
    throw error;
  }
}
