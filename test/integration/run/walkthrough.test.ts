import { describe, expect, test } from "vitest";
import { type Answer, recapOf } from "../../support/cli.ts";
import { dhchapKey, locked, removal, startFleet, type TestFleet, walkthrough } from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";

const counts = (ok: number, changed: number, skipped = 0) => ({
  ok,
  changed,
  unreachable: 0,
  failed: 0,
  skipped,
  rescued: 0,
  ignored: 0,
});

/** What the kernels of the fleet have. */
async function world({ nodes }: TestFleet): Promise<Record<string, string[]>> {
  const seen = Object.entries(nodes).map(async ([name, { system }]) => [name, await renderTree(system)] as const);
  return Object.fromEntries(await Promise.all(seen));
}

interface Result {
  host: string;
  item?: string;
  steps?: { says: string }[];
}

/** Host and step, in the order of the tasks; hosts work side by side, so their own order is taken out. */
function stepsOf(answer: Answer): string[] {
  const results = answer.lines().flatMap(({ results = [] }) => results as Result[]);
  return results
    .flatMap(({ host, item, steps = [] }) => (item === undefined ? steps.map(({ says }) => `${host}: ${says}`) : []))
    .sort((a, b) => (a.split(":")[0] ?? "").localeCompare(b.split(":")[0] ?? ""));
}

describe("the walkthrough", () => {
  test("exports and connects, changes nothing the second time, and its removal leaves the nodes as they were", async () => {
    await using fleet = await startFleet();
    const before = await world(fleet);

    const first = await fleet.cli("run", walkthrough);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(recapOf(first.out)).toEqual({
      target: counts(4, 3),
      "initiator-1": counts(6, 3),
      "initiator-2": counts(6, 3),
    });
    expect(first.out).toMatch(
      /"msg": "\/dev\/nvme0n1 \(2\.00 GB\) is nvmet-test, by its lasting name \/dev\/disk\/by-id\//,
    );
    await fleet.node("initiator-1").system.writeBlocks("nvme0n1", 4096, new TextEncoder().encode("hello"));
    const written = await fleet.node("target").system.readBlocks("nvme0n1", 4096, 5);
    expect(new TextDecoder().decode(written)).toBe("hello");

    const connected = await world(fleet);
    const second = await fleet.cli("run", walkthrough);
    expect(second.code).toBe(0);
    expect(recapOf(second.out)).toEqual({
      target: counts(4, 0),
      "initiator-1": counts(6, 0),
      "initiator-2": counts(6, 0),
    });
    expect(await world(fleet)).toEqual(connected);

    const removed = await fleet.cli("run", removal);
    expect(removed).toMatchObject({ code: 0, err: "" });
    expect(await world(fleet)).toEqual(before);
    const again = await fleet.cli("run", removal);
    expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
  });

  test("locked to its initiators and their key works as well, and takes no other initiator", async () => {
    await using fleet = await startFleet();
    const before = await world(fleet);
    const run = await fleet.cli("run", locked, "-e", `dhchap_key=${dhchapKey}`);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect((await fleet.cli("health")).code).toBe(0);
    const second = await fleet.cli("run", locked, "-e", `dhchap_key=${dhchapKey}`);
    expect(recapOf(second.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });

    await fleet.addNode("stranger", { label: "strangers", addresses: ["192.168.1.103/24"] });
    const playbook = await fleet.file(
      "stranger.yaml",
      "- hosts: strangers\n  tasks:\n    - nvme_host_identity: {}\n    - nvme_connection: { nqn: nvmet-test, paths: [{ address: 192.168.1.92 }] }\n",
    );
    const refused = await fleet.cli("run", playbook);
    expect(refused.code).toBe(2);
    expect(refused.out).toContain("kernel_refused");

    expect((await fleet.cli("run", removal)).code).toBe(0);
    const { stranger: _, ...after } = await world(fleet);
    expect(after).toEqual(before);
  });
});

describe("a plan", () => {
  test.each([
    ["the walkthrough", [], walkthrough, []],
    ["its removal", [walkthrough], removal, []],
    ["the locked walkthrough", [], locked, ["-e", `dhchap_key=${dhchapKey}`]],
    ["the removal of the locked walkthrough", [locked, "-e", `dhchap_key=${dhchapKey}`], removal, []],
  ])("of %s says every step that its run then does", async (_, first, playbook, options) => {
    await using fleet = await startFleet();
    if (first.length > 0) expect((await fleet.cli("run", ...first)).code).toBe(0);
    const before = await world(fleet);
    const planned = await fleet.cli("plan", playbook, ...options, "-o", "json", "--detailed-exitcode");
    expect(planned.code, planned.out).toBe(2);
    expect(await world(fleet)).toEqual(before);
    const done = await fleet.cli("run", playbook, ...options, "-o", "json");
    expect(done.code).toBe(0);
    expect(stepsOf(planned)).toEqual(stepsOf(done));
    const left = await fleet.cli("plan", playbook, ...options, "--detailed-exitcode");
    expect(left.code, left.out).toBe(0);
  });

  test("changes nothing that a node keeps, and holds no node", async () => {
    await using fleet = await startFleet();
    const kept = () =>
      Object.values(fleet.nodes).map(({ store }) => [
        store.spec.get(),
        store.owned.get(),
        store.secrets.get(),
        store.journal.get(),
      ]);
    const before = JSON.stringify(kept());
    expect((await fleet.cli("plan", locked, "-e", `dhchap_key=${dhchapKey}`)).code).toBe(0);
    expect(JSON.stringify(kept())).toBe(before);
  });
});
