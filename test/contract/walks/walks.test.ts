import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelVersions } from "../../../agent/system/model/versions.ts";
import type { Act } from "../row.ts";
import { connect, link, mkdir, write } from "../rows/acts.ts";
import { asHost, connected, exported, H, key, N, namespace, nqn, otherKey, P, portLink, S } from "../rows/states.ts";
import { digestOf } from "./digest.ts";
import { follow, type Parting } from "./follow.ts";
import { foresee, prepareAll, type Way } from "./foresee.ts";
import { walkingWorld } from "./model-world.ts";
import { renderWalk } from "./script.ts";
import { type Walk, Walks } from "./walk.ts";

/*
 * What holds of every walk on the model alone, and that walks find what they look for. In the lab the same walks are held
 * against real kernels: test/lab/walks.test.ts.
 */

const walks = new Walks(30);

/** Walks on a model as on a kernel that is not known. */
function followOn(kernel: string, way: Way): Promise<Parting | undefined> {
  const world = walkingWorld(kernel);
  return world.clock.drive(follow({ world, eyes: world.system, clock: world.clock }, way));
}

describe.each(kernelVersions)("a walk on the model of Linux %s", (kernel) => {
  it("is refused with errnos alone, ends where it began, and comes to the same on an equal node", async () => {
    const property = fc.asyncProperty(walks, async (walk) => {
      const world = walkingWorld(kernel);
      const { start, steps } = await foresee(world, kernel, walk);
      await prepareAll(world);
      expect(Object.fromEntries(await digestOf(world.system))).toEqual(start);
      expect(await foresee(walkingWorld(kernel), kernel, walk)).toEqual({ start, steps });
    });
    await fc.assert(property, { numRuns: 3 });
  });
});

it("walks go deep: most acts are taken, and the refused ones in many ways", async () => {
  const results: string[] = [];
  for (const walk of fc.sample(new Walks(50), { numRuns: 20, seed: 1 })) {
    const { steps } = await foresee(walkingWorld("6.12"), "6.12", walk);
    results.push(...steps.map(({ act, gives }) => `${act.act}: ${gives}`));
  }
  const taken = results.filter((result) => result.endsWith(": ok"));
  expect(taken.length).toBeGreaterThan(results.length / 2);
  expect(new Set(results).size).toBeGreaterThan(30);
  expect(taken.filter((result) => result.startsWith("connect")).length).toBeGreaterThan(15);
});

describe("following a walk", () => {
  it("agrees with a node that does the same", async () => {
    const property = fc.asyncProperty(walks, async (walk) => {
      expect(await followOn("6.12", await foresee(walkingWorld("6.12"), "6.12", walk))).toBeUndefined();
    });
    await fc.assert(property, { numRuns: 3 });
  });

  it("tells an act that gives something else", async () => {
    const way = await foresee(walkingWorld("6.12"), "6.12", [...namespace, write(`${S}/attr_firmware`, "x")]);
    const moved = { ...way, start: Object.fromEntries(await digestOf((await prepared("6.1")).system)) };
    const parting = await followOn("6.1", moved);
    expect(parting?.at).toBe(0);
    expect(parting?.shows[`${S}/attr_firmware`]).toEqual({ foreseen: "(release)", seen: undefined });
  });

  it("tells what is seen otherwise once all has settled", async () => {
    const way = await foresee(walkingWorld("6.12"), "6.12", connected);
    const last = way.steps.at(-1);
    if (last !== undefined) last.changes["paths of controller 0"] = "{nsid=7}";
    const parting = await followOn("6.12", way);
    const story = parting && renderWalk(way.steps, parting);
    expect(story?.split("\n").slice(-3)).toEqual([
      "    paths of controller 0",
      "      the model:  {nsid=7}",
      "      the kernel: {nsid=1 ana_grpid=1 ana_state=optimized}",
    ]);
    expect(story).toContain(`  link ${portLink} -> ${S}: ok\n`);
  });
});

async function prepared(kernel: string) {
  const world = walkingWorld(kernel);
  await prepareAll(world);
  return world;
}

describe("a walk never does what a kernel would not live through", () => {
  const ana = `${P}/ana_groups/1/ana_state`;
  const rows: [says: string, kernel: string, given: Walk, act: Act, isLeftOut: boolean][] = [
    ["enable without a path", "6.12", [...namespace, write(`${N}/buffered_io`, "1")], write(`${N}/enable`, "1"), true],
    ["enable without a path, unbuffered", "6.12", namespace, write(`${N}/enable`, "1"), false],
    ["a referral on 5.4, which could not be removed", "5.4", [mkdir(P)], mkdir(`${P}/referrals/r`), true],
    ["a referral on 5.10", "5.10", [mkdir(P)], mkdir(`${P}/referrals/r`), false],
    ["another spelling of an nsid on 5.4", "5.4", namespace, mkdir(`${S}/namespaces/0x1`), true],
    ["the last nsid on 6.1", "6.1", [mkdir(S)], mkdir(`${S}/namespaces/4294967294`), true],
    ["the last nsid on 6.12", "6.12", [mkdir(S)], mkdir(`${S}/namespaces/4294967294`), false],
    ["another key than the target's", "6.12", withKey(otherKey), connect({ ...asHost, dhchap_secret: key }), true],
    ["the target's key", "6.12", withKey(key), connect({ ...asHost, dhchap_secret: key }), false],
    ["a key for a host that is connected", "6.12", connected, write(`${H}/dhchap_key`, key), true],
    ["the state change of an ANA group", "6.12", exported, write(ana, "change"), true],
    ["taking the initiator away under its controllers", "6.12", connected, { act: "unload", module: "nvme-tcp" }, true],
  ];

  it.each(rows)("%s on %s", async (_, kernel, given, act, isLeftOut) => {
    const { steps } = await foresee(walkingWorld(kernel), kernel, [...given, act]);
    expect(steps.length).toBe(given.length + (isLeftOut ? 0 : 1));
  });

  function withKey(wanted: string): Walk {
    return [...exported, write(`${H}/dhchap_key`, wanted)];
  }
});

it("a walk that fails shrinks to the acts that matter", async () => {
  const failedAt = new WeakMap<Walk, number>();
  const property = fc.asyncProperty(new Walks(60, (walk) => failedAt.get(walk)), async (walk) => {
    const { steps } = await foresee(walkingWorld("6.12"), "6.12", walk);
    const at = steps.findIndex(({ act, gives }) => act.act === "link" && act.path === portLink && gives === "ok");
    failedAt.set(walk, at);
    return at < 0;
  });
  const { counterexample } = await fc.check(property, { seed: 7, numRuns: 50 });
  const [walk] = counterexample ?? [];
  expect(walk?.at(-1)).toEqual(link(portLink, S));
  expect(walk?.length).toBe(7);
  expect(walk?.map((act) => ("path" in act ? act.path : act.act)).sort()).toEqual(
    [
      S,
      P,
      ...["adrfam", "traddr", "trsvcid", "trtype"].map((name) => `${P}/addr_${name}`),
      `${P}/subsystems/${nqn}`,
    ].sort(),
  );
});
