import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intercept } from "../../../../agent/system/intercept.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { withFaults } from "../../../../agent/system/model/faults.ts";
import type { Timeline } from "../../../../agent/system/model/snapshot/timeline.ts";
import { type AgentNode, agentOn } from "../../../support/agent-node.ts";
import { deskOf } from "../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";
import type { Tasks } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const [stays, goes] = ["nqn.stays", "nqn.goes"];

const exporting = (hosts: readonly string[], more: object = {}): Tasks => [
  { nvmet_port: { id: 1, address: "10.0.0.1" } },
  {
    nvmet_subsystem: {
      nqn,
      allowed_hosts: hosts,
      exclusive: true,
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
      ports: [1],
      ...more,
    },
  },
];
const beside: Tasks = [
  {
    nvmet_subsystem: {
      nqn: "nqn.other",
      allowed_hosts: [stays],
      namespaces: [{ nsid: 1, device: "/dev/nvme1n1" }],
      ports: [1],
    },
  },
];
const connecting = (to: string): Tasks => [
  { nvme_connection: { nqn: to, paths: [{ address: "10.0.0.1" }], reconnect_delay: 2 } },
];
const revoking: Tasks = exporting([stays]).slice(1);

let timeline: Timeline;
let target: AgentNode;
let staying: AgentNode;
let going: AgentNode;

function world(kernel: string): void {
  timeline = fastTime();
  const fabric = createMemoryFabric(timeline.background);
  const host = (hostnqn: string, address: string, hostid: string) =>
    drivenNode(timeline, {
      fabric,
      kernel: "6.12",
      hostname: hostnqn.slice(4),
      addresses: [`${address}/24`],
      drives: [],
      files: { "/etc/nvme/hostnqn": `${hostnqn}\n`, "/etc/nvme/hostid": `${hostid}\n` },
    });
  target = drivenNode(timeline, { fabric, kernel });
  staying = host(stays, "10.0.0.2", "11111111-2222-4333-8444-555555555552");
  going = host(goes, "10.0.0.3", "11111111-2222-4333-8444-555555555553");
}
beforeEach(() => world("6.12"));
afterEach(async () => {
  for (const { system } of [staying, going, target]) await system.stop();
});

async function connected(): Promise<void> {
  expect((await target.converge(exporting([stays, goes]))).error).toBeUndefined();
  for (const node of [staying, going]) expect((await node.converge(connecting(nqn))).error).toBeUndefined();
}

/** `nqn.s live` for each of its controllers of these subsystems. */
async function states({ system }: AgentNode): Promise<string[]> {
  const names = await system.list("/sys/class/nvme").catch(() => []);
  const read = async (name: string, file: string) => (await system.read(`/sys/class/nvme/${name}/${file}`)).trim();
  const all = names.map(async (name) => `${await read(name, "subsysnqn")} ${await read(name, "state")}`);
  return (await Promise.all(all)).filter((each) => /^nqn\.(s|other) /.test(each)).sort();
}

/** Connections to the target's port, by host. */
const socketsFrom = (address: string) =>
  target.system.connections(4420).filter(({ remote }) => remote === address).length;

/** Long enough for every reconnect. */
const later = () => timeline.foreground.sleep(10_000);

describe.each(["5.4", "6.1", "6.12"])("a host that is revoked on a target of kernel %s", (kernel) => {
  beforeEach(async () => {
    world(kernel);
    await connected();
  });

  test("has no connection left when the task is done, and does not come back; who stays allowed does", async () => {
    expect(socketsFrom("10.0.0.3")).toBeGreaterThan(1);
    const { outcome, steps, error } = await target.converge(revoking);
    expect({ outcome, error }).toEqual({ outcome: "changed", error: undefined });
    expect(steps).toMatchObject([
      {
        phase: "revoke host",
        says: `revoke host ${goes} from ${nqn} and end all sessions on port 1, where hosts that are still allowed reconnect`,
        cost: "path loss",
      },
    ]);
    expect(socketsFrom("10.0.0.3")).toBe(0);
    await later();
    expect(await states(staying)).toEqual([`${nqn} live`]);
    expect(await states(going)).toEqual([]);
    expect(socketsFrom("10.0.0.3")).toBe(0);
    expect((await target.converge(revoking)).outcome).toBe("ok");
    expect((await going.converge(connecting(nqn))).outcome).toBe("failed");
  });

  test("loses this subsystem alone, where the port exports others too", async () => {
    await target.converge(beside);
    expect((await staying.converge(connecting("nqn.other"))).error).toBeUndefined();
    const { outcome, steps } = await target.converge(revoking);
    expect({ outcome, says: steps.map(({ says }) => says) }).toEqual({
      outcome: "changed",
      says: [
        `revoke host ${goes} from ${nqn} and end all sessions on port 1, where hosts that are still allowed reconnect; other subsystems are on port 1, so that nobody can see there whose end`,
      ],
    });
    expect(await states(staying)).toContain("nqn.other live");
    await later();
    expect(await states(staying)).toEqual(["nqn.other live", `${nqn} live`]);
    expect(await states(going)).toEqual([]);
  });
});

describe("a revocation", () => {
  test("of a host that is not connected ends nobody's session", async () => {
    await target.converge(exporting([stays, goes]));
    const { steps } = await target.converge(revoking);
    expect(steps.map(({ says }) => says)).toEqual([`revoke host ${goes} from ${nqn}`]);
  });

  test("does not cut off hosts that are let in all the same", async () => {
    await connected();
    const { steps } = await target.converge([
      { nvmet_subsystem: { nqn, allow_any_host: true, allowed_hosts: [], exclusive: true } },
    ]);
    expect(steps.map(({ says }) => says).join()).not.toContain("end all sessions");
    expect(await states(going)).toEqual([`${nqn} live`]);
  });

  test("is not taken for done while a connection of before is there, and says how to end it", async () => {
    await connected();
    const stuck = target.system.read("/proc/net/tcp");
    const blind = agentOn(target.system, {
      store: target.store,
      clock: timeline.foreground,
      through: (model) =>
        intercept(model, {
          do: (op, deadline) => timeline.drive(model.do(op, deadline)),
          read: (path) => (path === "/proc/net/tcp" ? stuck : model.read(path)),
        }),
    });
    const { outcome, error } = await blind.converge(revoking);
    expect({ outcome, code: error?.code }).toEqual({ outcome: "failed", code: "not_converging" });
    expect(error?.message).toMatch(
      / of the TCP connections that were there before still are, from 10\.0\.0\.2, 10\.0\.0\.3$/,
    );
    expect(target.store.owned.get()).toContain(`allowed host ${nqn} ${goes}`);
  });

  test("is planned with what it costs, and nothing is cut off by a check", async () => {
    await connected();
    const [answer] = await deskOf(target).tasks(revoking, { run: "r1" });
    expect(answer).toMatchObject({ outcome: "changed", steps: [{ phase: "revoke host", cost: "path loss" }] });
    expect(await states(going)).toEqual([`${nqn} live`]);
  });

  test("that nobody consented to is not done by a repair", async () => {
    await connected();
    const { outcome, error } = await target.converge(revoking, { costs: ["none"] });
    expect({ outcome, code: error?.code }).toEqual({ outcome: "refused", code: "plan_refused" });
    expect(await states(going)).toEqual([`${nqn} live`]);
  });

  test.each(["before", "after"] as const)(
    "that is cut off %s any of its ops is brought to its end by the same task",
    async (when) => {
      for (let at = 0, cut = true; cut; at++) {
        world("6.12");
        await connected();
        const faulty = withFaults(target.system, [{ at: { method: "do" }, after: at, trouble: { is: "kill", when } }]);
        const killed = agentOn(target.system, { store: target.store, through: () => faulty });
        cut = await Promise.race([faulty.ended.then(() => true), killed.converge(revoking).then(() => false)]);
        expect({ at, error: (await target.converge(revoking)).error }).toEqual({ at, error: undefined });
        expect(await target.system.list(`/sys/kernel/config/nvmet/subsystems/${nqn}/allowed_hosts`)).toEqual([stays]);
        expect(socketsFrom("10.0.0.3")).toBe(0);
        await later();
        expect(await states(staying)).toEqual([`${nqn} live`]);
        expect(await states(going)).toEqual([]);
        if (!cut) expect(at).toBe(3);
        await Promise.all([staying, going, target].map(({ system }) => system.stop()));
      }
    },
  );
});
