import { kinds } from "../../../agent/kinds/kinds.ts";
import { gatherFacts } from "../../../agent/observe/facts.ts";
import { observe } from "../../../agent/observe/observe.ts";
import { deviceUse } from "../../../agent/observe/use.ts";
import { createMemoryStore } from "../../../agent/store/memory-store.ts";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { createMemoryFabric } from "../../../agent/system/model/fabric/memory-fabric.ts";
import { shadowOf } from "../../../agent/system/model/snapshot/shadow.ts";
import { captureNode, shadowSections } from "../../../agent/system/model/snapshot/snapshot.ts";
import type { System } from "../../../agent/system/system.ts";
import { createWorkshop } from "../../../agent/workshop.ts";
import { systemClock } from "../../../shared/clock.ts";
import type { Facts } from "../../../shared/protocol/facts.ts";
import { deskOf } from "../../support/desk.ts";
import { essence, revealed } from "../../support/essence.ts";
import { freshUuid, nodeId, type Tasks } from "../../support/wanted.ts";

/*
 * On the kernel that it stands on, in a machine of the lab, as root: checks tasks, does them, and compares; then compares the node
 * with its shadow. Prints lines of JSON: what, what was expected, and what was got.
 */

const system = createLinuxSystem({ clock: systemClock });
const store = createMemoryStore(nodeId);
const shop = createWorkshop({
  node: nodeId,
  system,
  clock: systemClock,
  store,
  kinds,
  changes: { wait: (millis) => systemClock.sleep(millis) },
  uuid: () => freshUuid,
});
const desk = deskOf({ shop, store });

const at = { address: "127.0.0.1", service_id: 4420 };
const connection = { nqn: "nqn.a", paths: [at] };
const plays: Record<string, Tasks> = {
  "building a target and connecting to it": [
    { kernel_module: { name: ["nvmet", "nvmet-tcp"] } },
    { nvmet_port: { id: 1, ...at } },
    {
      nvmet_subsystem: {
        nqn: "nqn.a",
        allow_any_host: true,
        namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
        ports: [1],
      },
    },
    { nvme_host_identity: {} },
    { nvme_connection: connection },
    { nvmet_subsystem: { nqn: "nqn.b", cntlid_min: 9, cntlid_max: 3 } },
    { nvmet_port: { id: 2, address: "10.77.0.1" } },
    { nvmet_subsystem: { nqn: "nqn.c", ports: [2] } },
    { nvme_connection: { ...connection, nqn: "nqn.nobody" } },
  ],
  "changing it": [
    { nvmet_subsystem: { nqn: "nqn.a", serial: "OTHER" } },
    { nvme_connection: { ...connection, iopolicy: "round-robin", ctrl_loss_tmo: 60 } },
    { nvmet_subsystem: { nqn: "nqn.a", namespaces: [{ nsid: 2, device: "/dev/nvme1n1" }] } },
    { nvmet_subsystem: { nqn: "nqn.a", state: "absent" } },
    { nvmet_port: { id: 1, ...at, inline_data_size: 4096 } },
  ],
  "taking it down": [
    { nvme_connection: { nqn: "nqn.a", state: "absent" } },
    { nvmet_subsystem: { nqn: "nqn.a", state: "absent" } },
    { nvmet_port: { id: 1, ...at, state: "absent" } },
    { kernel_module: { name: ["nvmet", "nvmet-tcp"], state: "absent" } },
  ],
};

function say(what: string, expected: unknown, got: unknown): void {
  const plain = (value: unknown) =>
    JSON.parse(
      JSON.stringify(revealed(value), (_, each) => (each instanceof Set || each instanceof Map ? [...each] : each)),
    );
  process.stdout.write(`${JSON.stringify({ what, expected: plain(expected ?? null), got: plain(got ?? null) })}\n`);
}

async function compare(when: string): Promise<void> {
  const began = performance.now();
  const snapshot = await captureNode(system, systemClock);
  process.stderr.write(`captured in ${Math.round(performance.now() - began)} ms\n`);
  const shadow = await shadowOf(snapshot, {
    clock: systemClock,
    random: (length) => new Uint8Array(length),
    fabric: createMemoryFabric(),
  });
  const [real, got] = [await observe(system, shadowSections), await observe(shadow.system, shadowSections)];
  for (const section of shadowSections) say(`${section} ${when}`, real[section], got[section]);
  const checking = { node: system, clock: systemClock };
  const facts = [
    await gatherFacts(system, systemClock),
    await gatherFacts(shadow.system, systemClock, checking),
  ] as const;
  say(`facts ${when}`, timeless(facts[0]), timeless(facts[1]));
  for (const name of await system.list("/sys/class/block")) {
    const use = (each: System) => deviceUse(each, `/dev/${name}`).catch(({ errno }) => errno);
    say(`use of ${name} ${when}`, await use(system), await use(shadow.system));
  }
}

await compare("at first");
for (const [name, tasks] of Object.entries(plays)) {
  const predicted = await desk.tasks(tasks, { run: `r1-${Object.keys(plays).indexOf(name)}` });
  const done = await desk.tasks(tasks);
  for (const [index, answer] of done.entries()) {
    const check = predicted[index];
    say(`${name}, task ${index + 1}`, essence(answer), check && essence(check));
  }
  await compare(`after ${name}`);
}
process.exit(0);

/** Seconds pass between two looks. */
function timeless({ system, ...facts }: Facts): object {
  const { uptime_seconds: _, ...rest } = system ?? {};
  return { ...facts, system: rest };
}
