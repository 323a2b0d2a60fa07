import type { Clock } from "../../shared/clock.ts";
import { deadlineIn } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { resolveDevice } from "../observe/device.ts";
import { nothing } from "../observe/focus.ts";
import { hostsAt } from "../observe/hosts-at.ts";
import { observe } from "../observe/observe.ts";
import { deviceUse } from "../observe/use.ts";
import { hasErrno, type System } from "../system/system.ts";
import type { Guard } from "./step.ts";

/** A connect that meets nobody is given this long. */
const answerMillis = 3000;
/** The look at RDMA's connections, which is a program. */
const rdmaMillis = 5000;

/**
 * Throws where the guard does not hold now. `overrides` are names of things in use that may be touched all the same;
 * they do not help against a device that is absent or another one.
 */
export async function checkGuard(
  guard: Guard,
  system: System,
  clock: Clock,
  overrides: ReadonlySet<string>,
): Promise<void> {
  switch (guard.guard) {
    case "free":
      if (guard.identity !== undefined) await sameDrive(guard.device, guard.identity, system);
      await there(guard.device, system);
      return (await isNamed(guard.device, overrides, system)) ? undefined : unused(guard, system);
    case "no sessions": {
      const name = `${guard.address}:${guard.port}`;
      if (overrides.has(name)) return;
      const peers = await hostsAt(system, guard, deadlineIn(clock, rdmaMillis));
      if (peers?.length === 0) return;
      if (peers === undefined) throw cannotSee(name);
      throw new FlashfleetError("device_in_use", `hosts are connected to ${name}: ${[...new Set(peers)].join(", ")}`, {
        hint: `disconnect them first; to cut them off all the same, say override: ["${name}"] in the task`,
      });
    }
    case "no controllers": {
      const { fabrics } = await observe(system, ["fabrics"], { ...nothing, connections: "all" });
      const there = fabrics.subsystems.flatMap(({ nqn, controllers }) =>
        controllers.filter(({ transport }) => transport === guard.transport).map(({ name }) => `${name} (${nqn})`),
      );
      if (there.length === 0) return;
      throw new FlashfleetError(
        "device_in_use",
        `controllers are connected over ${guard.transport}: ${there.join(", ")}`,
        {
          hint: "disconnect them first: without its module they are gone, and their disks with them",
        },
      );
    }
    case "answers": {
      try {
        const stream = await system.dial({ address: guard.address, port: guard.port }, deadlineIn(clock, answerMillis));
        stream.destroy();
      } catch (error) {
        throw new FlashfleetError("kernel_refused", `nothing answers at ${guard.address}:${guard.port}`, {
          hint: hasErrno(error, "ECONNREFUSED")
            ? "the target is up, but does not listen there: is a subsystem linked into its port?"
            : "the target does not answer: check the storage network, its addresses and firewalls",
          cause: error,
        });
      }
    }
  }
}

function cannotSee(name: string): FlashfleetError {
  return new FlashfleetError("device_in_use", `who is connected to ${name} over RDMA cannot be seen`, {
    hint: `install iproute2, whose rdma shows it; to go on all the same and cut off whoever it is, say override: ["${name}"] in the task`,
  });
}

/** What ends by itself a moment later: a session whose host has just disconnected, udev's look at a new disk. */
const lingerMillis = 1500;
const lingerPause = 100;

/** As {@link checkGuard}; what is in use is looked at again for a moment before it counts. */
export async function insistOnGuard(
  guard: Guard,
  system: System,
  clock: Clock,
  overrides: ReadonlySet<string>,
): Promise<void> {
  const end = clock.now() + lingerMillis;
  for (;;) {
    try {
      return await checkGuard(guard, system, clock, overrides);
    } catch (error) {
      const inUse = error instanceof FlashfleetError && error.code === "device_in_use";
      if (!inUse || clock.now() >= end) throw error;
    }
    await clock.sleep(lingerPause);
  }
}

/** An override may name the device by any of its links. */
export async function isNamed(device: string, overrides: ReadonlySet<string>, system: System): Promise<boolean> {
  if (overrides.size === 0 || overrides.has(device)) return overrides.has(device);
  const resolve = (path: string) => system.realpath(path).catch(() => path);
  const target = await resolve(device);
  const paths = [...overrides].filter((name) => name.startsWith("/"));
  return (await Promise.all(paths.map(resolve))).includes(target);
}

async function there(device: string, system: System): Promise<void> {
  try {
    await system.realpath(device);
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
    throw new FlashfleetError("device_absent", `there is no ${device}`, {
      hint: "check the name with flashfleet facts; a device by /dev/disk/by-id keeps its name",
      cause: error,
    });
  }
}

async function unused({ device, except }: Extract<Guard, { guard: "free" }>, system: System): Promise<void> {
  const uses = await deviceUse(system, device, except === undefined ? {} : { except });
  if (uses.length === 0) return;
  throw new FlashfleetError(
    "device_in_use",
    `${device} is in use: ${uses.map((use) => `${use.device} ${use.says}`).join("; ")}`,
    {
      hint: `free it first; to go on all the same and risk its data, say override: ["${device}"] in the task`,
    },
  );
}

/** Between the plan and the step a drive may have been pulled and another have taken its name. */
async function sameDrive(
  device: string,
  identity: { wwid: string; serial: string; size: number },
  system: System,
): Promise<void> {
  const now = await resolveDevice(system, device).catch((error: unknown) => {
    // That it is not there, or that sysfs does not know it, is said by what is checked next.
    if (hasErrno(error, "ENOENT", "ENOTBLK", "ENXIO")) return undefined;
    throw error;
  });
  const same = now?.wwid === identity.wwid && now.serial === identity.serial && now.size === identity.size;
  if (now === undefined || same) return;
  throw new FlashfleetError(
    "device_changed",
    `${device} is another drive now: serial ${now.serial}, not ${identity.serial}`,
    {
      hint: "run again: the plan is made anew with the drives that are there",
    },
  );
}
