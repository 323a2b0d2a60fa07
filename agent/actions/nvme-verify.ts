import type { Deadline } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { nameByUuid } from "../kinds/results.ts";
import { nothing } from "../observe/focus.ts";
import { observe } from "../observe/observe.ts";
import type { Action, ActionContext } from "./action.ts";
import { type Asked, describePaths, type FoundVolume, findVolume } from "./nvme-verify-volume.ts";
import { type Ran, runTool } from "./programs/run.ts";
import { complaint } from "./storage/tool.ts";

/** Bytes: no disk has larger blocks that direct I/O must keep to. */
const length = 4096;
/** Between two looks, milliseconds: the first ones soon, since most is there already. */
const pauses = { first: 20, longest: 500 };

/**
 * Proves that a disk of a target works on this node: connected, over each of its paths, with its uuid and size, and readable.
 * Waits for what is not there yet. In a check everything but the read.
 */
export const nvmeVerify: Action<"nvme_verify"> = async (asked, context) => {
  const { clock, deadline, check } = context;
  const end = Math.min(deadline, clock.now() + asked.timeout * 1000);
  const found = await waitFor(asked, context, end);
  const { disk, paths } = found;
  const known = { nqn: asked.nqn, uuid: asked.uuid, device: nameByUuid(asked.uuid), paths };
  if (disk === undefined) {
    const msg = "which disks this target has is only known once it is connected";
    return { outcome: "ok", result: { ...known, msg } };
  }
  const result = { ...known, path: disk.path, size: disk.size };
  if (check) return { outcome: "ok", result: { ...result, msg: "nothing is read in a check" } };
  await read(disk.path, asked, found, context, end);
  return { outcome: "ok", result: { ...result, read_bytes: length } };
};

async function waitFor(asked: Asked, { system, clock }: ActionContext, end: Deadline): Promise<FoundVolume> {
  const focus = { ...nothing, connections: new Set([asked.nqn]) };
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    const found = findVolume(asked, (await observe(system, ["fabrics"], focus)).fabrics);
    const [first] = found.amiss;
    if (first === undefined) return found;
    if (clock.now() + pause >= end) {
      const says = found.amiss.map((each) => each.says).join("; ");
      throw new FlashfleetError(first.code, `cannot verify ${asked.nqn}: ${says}`, { hint: first.hint });
    }
    await clock.sleep(pause);
  }
}

/** Around the page cache, so that it is the target that answers. Where no path takes it, this waits in the kernel: hence a child. */
async function read(
  path: string,
  { nqn, timeout }: Asked,
  { paths }: FoundVolume,
  { system }: ActionContext,
  end: Deadline,
): Promise<void> {
  const argv = ["dd", `if=${path}`, "of=/dev/null", `bs=${length}`, "count=1", "iflag=direct"] as const;
  const ways = `its paths: ${describePaths(paths)}`;
  const ran = await runTool({ argv }, { system, deadline: end }).catch((error: unknown): Ran => {
    if (!(error instanceof FlashfleetError && error.code === "deadline")) throw error;
    throw new FlashfleetError(
      "deadline",
      `cannot verify ${nqn}: ${length} bytes of ${path} were not read within ${timeout} s; ${ways}`,
      {
        hint: "its target or that one's drive does not answer; I/O waits as long as a path may come back",
        cause: error,
      },
    );
  });
  if (ran.code === 0 && /^1\+0 records in$/m.test(ran.stderr)) return;
  throw new FlashfleetError(
    "kernel_refused",
    `cannot verify ${nqn}: ${path} cannot be read: ${complaint(ran)}; ${ways}`,
    {
      hint: "dmesg on both ends says more: the drive behind it may be broken, or gone",
    },
  );
}
