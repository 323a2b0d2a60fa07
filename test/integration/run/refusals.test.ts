import { describe, expect, test } from "vitest";
import { recapOf } from "../../support/cli.ts";
import {
  articleNodes,
  type NodeOptions,
  removal,
  startFleet,
  type TestFleet,
  walkthrough,
} from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";

/** The article's fleet, with another target. */
function withTarget(options: NodeOptions): Record<string, NodeOptions> {
  return { ...articleNodes, target: { ...articleNodes.target, ...options } };
}

const treeOf = ({ nodes }: TestFleet, name = "target") => renderTree(nodes[name]?.system ?? raise());
const raise = (): never => {
  throw new Error("no such node");
};

const failure = /fatal: \[target\]: FAILED! => (\{.*\})\n(?:.*because: .*\n)? +hint: (.*)/;

describe("a task that cannot be done fails with its reason and a hint, and leaves the node as it was:", () => {
  test("a device that is not there", async () => {
    await using fleet = await startFleet();
    const answer = await fleet.cli("run", walkthrough, "-e", "device=/dev/nvme7n1");
    expect(answer.code).toBe(2);
    const [, line = "", hint] = failure.exec(answer.out) ?? [];
    expect(JSON.parse(line)).toMatchObject({ code: "device_absent", msg: expect.stringContaining("/dev/nvme7n1") });
    expect(hint).toContain("/dev/nvme0n1 (serial VB-1)");
    // The initiators were not asked to connect to what is not there.
    expect(recapOf(answer.out)).toMatchObject({ target: { failed: 1 } });
    expect(Object.keys(recapOf(answer.out))).toEqual(["target"]);
    // What the tasks before it made stays; of the subsystem that could not be exported nothing does.
    expect((await treeOf(fleet)).join("\n")).not.toContain("nvmet-test");
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  });

  test("a device that is mounted", async () => {
    await using fleet = await startFleet();
    fleet.node("target").system.mountDrive("nvme0n1", "/srv/data");
    for (const command of ["plan", "run"]) {
      const answer = await fleet.cli(command, walkthrough);
      expect(answer.code, command).toBe(2);
      const [, line = "", hint] = failure.exec(answer.out) ?? [];
      expect(JSON.parse(line)).toMatchObject({ code: "device_in_use", msg: expect.stringContaining("/srv/data") });
      expect(hint).toContain('override: ["/dev/nvme0n1"]');
      expect((await treeOf(fleet)).join("\n")).not.toContain("nvmet-test");
    }
    fleet.node("target").system.unmountDrive("nvme0n1");
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  });

  test("a device that a program has open, or that something lies on", async () => {
    await using fleet = await startFleet();
    const { system } = fleet.node("target");
    system.openByProcess("nvme0n1", 4711, "postgres");
    const opened = await fleet.cli("run", walkthrough);
    expect(opened.code).toBe(2);
    expect(opened.out).toContain("postgres");
    system.closeByProcess("nvme0n1", 4711);
    system.hold("nvme0n1", "dm-3");
    const held = await fleet.cli("run", walkthrough);
    expect(held.code).toBe(2);
    expect(held.out).toContain("dm-3");
    expect((await treeOf(fleet)).join("\n")).not.toContain("nvmet-test");
  });

  test("a kernel module that the kernel does not have", async () => {
    await using fleet = await startFleet({ nodes: withTarget({ modulesMissing: ["nvmet_tcp"] }) });
    const answer = await fleet.cli("run", walkthrough);
    expect(answer.code).toBe(2);
    const [, line = "", hint] = failure.exec(answer.out) ?? [];
    expect(JSON.parse(line)).toMatchObject({ code: "module_missing", msg: expect.stringContaining("nvmet_tcp") });
    expect(hint).toContain("CONFIG_NVME_TARGET_TCP");
  });

  test("a port number that another program listens on", async () => {
    await using fleet = await startFleet();
    fleet.node("target").system.occupyPort("192.168.1.92", 4420);
    const answer = await fleet.cli("run", walkthrough);
    expect(answer.code).toBe(2);
    const [, , hint] = failure.exec(answer.out) ?? [];
    expect(answer.out).toMatch(/EADDRINUSE|address_in_use/);
    expect(hint).toContain("ss -tln");
    const other = await fleet.cli("run", walkthrough, "-e", "service_id=4421");
    expect(other.code, other.out).toBe(2);
  });

  test("an address that the node does not have", async () => {
    await using fleet = await startFleet();
    const answer = await fleet.cli("run", walkthrough, "-e", "target_address=192.168.1.200");
    expect(answer.code).toBe(2);
    expect(answer.out).toContain("192.168.1.200");
  });

  test("a disk in use is not disconnected", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    fleet.node("initiator-1").system.mountDrive("nvme0n1", "/data");
    const answer = await fleet.cli("run", removal);
    expect(answer.code).toBe(2);
    expect(answer.out).toMatch(/fatal: \[initiator-1\]: FAILED!.*\/data/);
    expect((await treeOf(fleet, "initiator-1")).join("\n")).toContain("nvme0n1");
    expect((await treeOf(fleet)).join("\n"), "the export that is in use stays").toContain("subsystems/nvmet-test/");
  });
});

describe("a node that cannot be reached", () => {
  test("fails alone: the others finish, and it is left out of what follows", async () => {
    await using fleet = await startFleet();
    await fleet.node("initiator-2").stop();
    const answer = await fleet.cli("run", walkthrough);
    expect(answer.code).toBe(4);
    expect(answer.out).toMatch(/fatal: \[initiator-2\]: UNREACHABLE! => .*node_unreachable/);
    expect(answer.out).toContain("hint: check that flashfleet-agent runs on initiator-2");
    expect(recapOf(answer.out)).toMatchObject({
      target: { ok: 4, unreachable: 0 },
      "initiator-1": { ok: 6, changed: 3, unreachable: 0 },
      "initiator-2": { ok: 0, unreachable: 1 },
    });
    await fleet.node("initiator-2").start();
    const again = await fleet.cli("run", walkthrough);
    expect(again.code).toBe(0);
    expect(recapOf(again.out)).toMatchObject({ "initiator-1": { changed: 0 }, "initiator-2": { changed: 3 } });
  });

  test("that has never connected is unreachable at once, with a hint", async () => {
    await using fleet = await startFleet();
    const answer = await fleet.cli("exec", "ghost", "command", "uname", "-i", "target,ghost,");
    expect(answer.code).toBe(4);
    expect(answer.out).toMatch(
      /^ghost \| UNREACHABLE! => \{\n(?: .*\n)*? +"msg": ".*no agent of that name is connected/,
    );
  });
});
