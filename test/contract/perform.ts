import { type Op, SystemError } from "../../agent/system/system.ts";
import { resolvePlace } from "./places.ts";
import type { Act } from "./row.ts";
import type { World } from "./world.ts";

/** `ok`, or the errno that it was refused with. */
export async function resultOf(work: Promise<void>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    if (error instanceof SystemError) return error.errno;
    throw error;
  }
}

/** Does one act; rejects as the system does. */
export async function perform(world: World, act: Act): Promise<void> {
  const { system, deadline, pass } = world;
  switch (act.act) {
    case "wait":
      return pass(act.seconds * 1000);
    case "dial": {
      const stream = await system.dial({ address: act.address, port: act.port }, deadline());
      stream.destroy();
      return;
    }
    case "read":
    case "list":
    case "readlink":
    case "realpath":
    case "openExclusive":
      await system[act.act](await resolvePlace(system, act.path));
      return;
    default:
      return system.do(await operation(world, act), deadline());
  }
}

type Operating = Exclude<Act, { act: "wait" | "dial" | "read" | "list" | "readlink" | "realpath" | "openExclusive" }>;

async function operation({ system }: World, act: Operating): Promise<Op> {
  switch (act.act) {
    case "modprobe":
      return { op: "modprobe", name: act.module, parameters: {} };
    case "unload":
      return { op: "unloadModule", name: act.module };
    case "mountConfigfs":
      return { op: "mountConfigfs" };
    case "connect":
      return { op: "connect", options: act.options };
    case "mkdir":
    case "rmdir":
    case "unlink":
      return { op: act.act, path: await resolvePlace(system, act.path) };
    case "link":
      return {
        op: "symlink",
        path: await resolvePlace(system, act.path),
        to: await resolvePlace(system, act.to),
      };
    case "write":
      return { op: "write", path: await resolvePlace(system, act.path), value: act.value };
    case "replace":
      return { op: "replace", path: await resolvePlace(system, act.path), content: act.content, mode: 0o644 };
  }
}
