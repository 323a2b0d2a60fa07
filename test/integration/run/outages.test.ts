import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Op } from "../../../agent/system/system.ts";
import { flashfleet, recapOf } from "../../support/cli.ts";
import {
  articleNodes,
  removal,
  startFleet,
  type TestFleet,
  testEnvironment,
  walkthrough,
} from "../../support/fleet.ts";
import { createGate, type Gate } from "../../support/gate.ts";
import { temporaryDirectory } from "../../support/nats-server.ts";

function fleetWith(gate: Gate): Promise<TestFleet> {
  return startFleet({ nodes: { ...articleNodes, target: { ...articleNodes.target, through: gate.through } } });
}

const play = (name: string, ...tasks: string[]) =>
  `- name: ${name}\n  hosts: targets\n  gather_facts: false\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join("")}`;
const waits = play("Wait", "command: gate", "kernel_module: { name: nvmet }");
const makesSubsystem = ({ op, ...rest }: Op) => op === "mkdir" && "path" in rest && rest.path.endsWith("/nvmet-test");

/** The agent's process is killed: nothing of it speaks any more; what it was at in the kernel stays as it is. */
async function kill(fleet: TestFleet, name: string): Promise<void> {
  const { agent, bus } = fleet.node(name);
  await bus.close();
  void agent.close();
}

async function natsPid({ data }: TestFleet): Promise<number> {
  return Number(await readFile(join(data, "nats", "nats-server.pid"), "utf8"));
}

describe("a run goes on to its end", () => {
  test("when nats-server is killed in its middle and comes back", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const path = await fleet.file("waits.yaml", waits);
    const running = fleet.cli("run", path, walkthrough);
    await gate.reached;
    process.kill(await natsPid(fleet), "SIGKILL");
    gate.open();
    const answer = await running;
    expect(answer.code, `${answer.out}${answer.err}`).toBe(0);
    expect(recapOf(answer.out)).toMatchObject({
      target: { ok: 6, failed: 0, unreachable: 0 },
      "initiator-2": { ok: 6, failed: 0, unreachable: 0 },
    });
    expect(fleet.said.join("\n")).toContain("has died: starting it again");
    const second = await fleet.cli("run", walkthrough);
    expect(recapOf(second.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
    expect((await fleet.cli("runs", "-o", "json")).lines()).toMatchObject([{ outcome: "ok" }, { outcome: "ok" }]);
  });

  test("when an agent is killed in the middle of a change and comes back", async () => {
    const gate = createGate(makesSubsystem);
    await using fleet = await fleetWith(gate);
    const running = fleet.cli("run", walkthrough);
    await gate.reached;
    await kill(fleet, "target");
    await fleet.node("target").start((system) => system);
    const answer = await running;
    expect(answer.code, `${answer.out}${answer.err}`).toBe(0);
    expect((await fleet.cli("health")).code).toBe(0);
    const second = await fleet.cli("run", walkthrough);
    expect(recapOf(second.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
  });
});

describe("a command", () => {
  test("that its agent's end cut off is interrupted, and not done twice", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const running = fleet.cli("run", await fleet.file("waits.yaml", waits));
    await gate.reached;
    await kill(fleet, "target");
    let again = 0;
    await fleet.node("target").start((system) => {
      const next = createGate();
      void next.reached.then(() => again++);
      return next.through(system);
    });
    const answer = await running;
    expect(answer.code).toBe(2);
    expect(answer.out).toMatch(/fatal: \[target\]: FAILED! => .*"code": "interrupted"/);
    expect(answer.out).toContain("hint: look at the node what of it took effect");
    expect(again).toBe(0);
  });

  test("whose agent dies for good leaves its node unreachable", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const running = fleet.cli("run", await fleet.file("waits.yaml", waits));
    await gate.reached;
    await kill(fleet, "target");
    const answer = await running;
    expect(answer.code).toBe(4);
    expect(answer.out).toMatch(/fatal: \[target\]: UNREACHABLE!/);
  });
});

describe("a run that works on a node", () => {
  test("holds it: another one is told who, a plan and a run on other nodes are not held up", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const running = fleet.cli("run", await fleet.file("waits.yaml", waits));
    await gate.reached;
    const [{ run }] = (await fleet.cli("runs", "-o", "json")).lines() as [{ run: string }];
    const second = await fleet.cli("run", walkthrough);
    expect(second).toMatchObject({ code: 1, out: "" });
    expect(second.err).toContain(`run ${run}`);
    expect(second.err).toContain("works on target");
    const json = await fleet.cli("run", walkthrough, "-o", "json");
    expect(json.lines()).toEqual([expect.objectContaining({ is: "error", code: "node_busy" })]);
    expect((await fleet.cli("exec", "initiators", "command", "hostname")).code).toBe(0);
    expect((await fleet.cli("plan", walkthrough, "-l", "targets,initiators")).code).toBe(0);
    gate.open();
    expect((await running).code).toBe(0);
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  });

  test("is cancelled by Ctrl-C: exit code 99, what was under way is left to the node, and the node is free again", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const stop = new AbortController();
    const path = await fleet.file("waits.yaml", waits);
    const running = flashfleet(fleet.environment, ["run", path], { stop: stop.signal });
    await gate.reached;
    stop.abort(new Error("SIGINT"));
    const answer = await running;
    expect(answer.code).toBe(99);
    expect(answer.out).toContain("PLAY RECAP");
    expect(answer.out).not.toContain("TASK [kernel_module]");
    expect((await fleet.cli("runs", "-o", "json")).lines()).toMatchObject([{ outcome: "cancelled" }]);
    gate.open();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  });

  test("is let go when the controller stops, and gone on with when it starts again", async () => {
    const gate = createGate();
    await using fleet = await fleetWith(gate);
    const running = fleet.cli("run", await fleet.file("waits.yaml", waits));
    await gate.reached;
    await fleet.stopController();
    const answer = await running;
    expect(answer.code).toBe(1);
    expect(answer.err).toContain("it goes on with the run once it is started again");
    gate.open();
    await fleet.startController();
    const [run] = (await fleet.cli("runs", "-o", "json")).lines();
    const attached = await fleet.cli("attach", String(run?.run));
    expect(attached.code, attached.out + attached.err).toBe(0);
    expect((await fleet.cli("runs", "-o", "json")).lines()).toMatchObject([{ outcome: "ok" }]);
  });
});

describe("a controller that starts again", () => {
  test("meets its nodes again, has their specs, and the next run changes nothing", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    await fleet.stopController();
    await fleet.startController();
    await expect
      .poll(async () => (await fleet.cli("nodes", "-o", "json")).lines(), { timeout: 20_000 })
      .toHaveLength(3);
    const again = await fleet.cli("run", walkthrough);
    expect(recapOf(again.out)).toMatchObject({ target: { ok: 4, changed: 0 }, "initiator-1": { ok: 6, changed: 0 } });
    expect((await fleet.cli("run", removal)).code).toBe(0);
  });

  test("after it was killed goes on with the run that it was at, and the command that followed it said so", async () => {
    await using directory = await temporaryDirectory();
    const data = join(directory.path, "d");
    const environment = testEnvironment(directory.path, data);
    const first = await startProgram(directory.path, data);
    const path = join(directory.path, "play.yaml");
    // A run that lasts without any node.
    await writeFile(
      path,
      "- hosts: a\n  gather_facts: false\n  tasks:\n    - { debug: {}, until: false, retries: 1000, delay: 1 }\n",
    );
    let began = () => {};
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const onOut = (text: string) => {
      if (text.includes("TASK")) began();
    };
    const running = flashfleet(environment, ["run", path, "-i", "a,"], { onOut });
    await begun;
    first.kill("SIGKILL");
    const answer = await running;
    expect(answer.code).toBe(1);
    expect(answer.err).toMatch(/ERROR! cannot follow run \S+: the controller has gone\n[\s\S]*hint: /);

    const second = await startProgram(directory.path, data);
    const runs = await flashfleet(environment, ["runs", "-o", "json"]);
    expect(runs.lines()).toMatchObject([{ outcome: "running" }]);
    const run = String(runs.lines()[0]?.run);
    await flashfleet(environment, ["cancel", run]);
    expect((await flashfleet(environment, ["attach", run])).code).toBe(99);
    second.kill("SIGTERM");
    await once(second, "exit");
  });
});

async function startProgram(home: string, data: string): Promise<ChildProcess> {
  const { natsServer } = testEnvironment(home, data);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_STATE_HOME: home,
    FLASHFLEET_DATA: data,
    NATS_SERVER: natsServer,
  };
  const child = spawn(process.execPath, ["--import", "tsx", "controller/main.ts", "controller"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await expect.poll(() => said, { timeout: 30_000 }).toContain("Controller ready");
  return child;
}
