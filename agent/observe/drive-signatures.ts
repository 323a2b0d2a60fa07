import type { Clock, Deadline } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { DriveFacts } from "../../shared/protocol/facts.ts";
import { runTool } from "../actions/programs/run.ts";
import { type System, SystemError } from "../system/system.ts";
import { blockClass, nvmeControllersOf } from "./block.ts";
import { resolveDevice } from "./device.ts";
import { inTurns } from "./in-turns.ts";
import { listSignatures, parseListed, type Signature } from "./signatures.ts";
import { ifReadable, ifThere, readAttribute } from "./tolerant.ts";

/** Where drives are looked at: the node, and in a check the node itself, with what the check's tasks would have made of it. */
export interface Shelf {
  node: System;
  /** The node's own. */
  clock: Clock;
  foreseen?: { signatures: ReadonlyMap<string, readonly Signature[]> } | undefined;
}

type Known = Omit<DriveFacts, "signature">;

/** Drives that are read at the same time: each is a program, and they share one bus. */
const mostAtOnce = 8;
/** For all drives of a node together, milliseconds. A drive that does not answer by then is one of which nothing can be told. */
const patience = 5000;

/**
 * What lies on each of these local drives: "" where that is nothing that is known, undefined where it cannot be told. udev has
 * mostly looked already, and what it found is believed; that it found nothing is not, since its record may be older than the
 * data. Then a drive that nobody uses is read, by a program that can be left behind. One that is in use is never opened for
 * this: whoever looks for its users would find us.
 */
export async function signaturesOf(drives: readonly Known[], shelf: Shelf): Promise<(string | undefined)[]> {
  const deadline = shelf.clock.now() + patience;
  return inTurns(mostAtOnce, drives, (drive) => signatureOf(drive, shelf, deadline));
}

async function signatureOf(drive: Known, { node, foreseen }: Shelf, deadline: Deadline): Promise<string | undefined> {
  const { path, name, wwid, size, uses } = drive;
  const made = foreseen?.signatures.get(path);
  if (made !== undefined) return foremost(made);
  try {
    if (foreseen !== undefined) {
      const there = await ifReadable(resolveDevice(node, path));
      if (there?.wwid !== wwid || there.size !== size) return undefined;
    }
    const told = await toldByUdev(node, name);
    if (told !== undefined || uses.length > 0 || !(await isAnswering(node, name))) return told;
    const ran = await runTool({ argv: listSignatures(path) }, { system: node, deadline });
    const listed = ran.code === 0 ? parseListed(ran.stdout) : undefined;
    return listed && foremost(listed);
  } catch (error) {
    // No util-linux, no answer in time, or a drive that went.
    if (error instanceof SystemError || error instanceof FlashfleetError) return undefined;
    throw error;
  }
}

/** libblkid lists what is on the whole device before its partition table, as udev prefers it. */
const foremost = ([first]: readonly Signature[]) => first?.type ?? "";

/** What udev's record of a device says that lies on it; undefined where it says nothing, or where there is none. */
export async function toldByUdev(system: System, name: string): Promise<string | undefined> {
  const number = await readAttribute(system, `${blockClass}/${name}/dev`);
  if (number === undefined) return undefined;
  const record = (await ifReadable(system.read(`/run/udev/data/b${number}`))) ?? "";
  const value = (property: string) => new RegExp(`^E:${property}=(.+)$`, "m").exec(record)?.[1];
  return value("ID_FS_TYPE") ?? value("ID_PART_TABLE_TYPE");
}

/** Whether reading a disk can end: one whose NVMe controllers are all not live waits for them, and so does a SCSI one offline. */
export async function isAnswering(system: System, name: string): Promise<boolean> {
  const real = await ifThere(system.realpath(`${blockClass}/${name}`));
  if (real === undefined) return false;
  const controllers = await nvmeControllersOf(system, real);
  const devices = controllers.length === 0 ? [`${real}/device`] : controllers;
  const states = await Promise.all(devices.map((device) => readAttribute(system, `${device}/state`)));
  // virtio and others have no state.
  return states.some((state) => state === undefined || state === "live" || state === "running");
}
