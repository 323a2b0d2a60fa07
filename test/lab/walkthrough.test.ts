import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say, timed } from "./lab-test.ts";
import { drive, type Fleet, openFleet } from "./support/fleet.ts";

const PLAYBOOK = "playbooks/data-in-a-flash.yaml";
const REMOVAL = "playbooks/data-in-a-flash-remove.yaml";

describeLab("the walkthrough as a playbook", () => {
  let fleet: Fleet;
  let address: string;
  const state = "sh test/lab/support/kernel-state.sh";
  let before: string[];

  beforeAll(async () => {
    fleet = await openFleet("walkthrough", inject("kernel"));
    const { target, initiator } = fleet;
    address = `target_address=${target.addressTowards(initiator)}`;
    before = await Promise.all([target.output(state), initiator.output(state)]);
    say(before.join("\n---\n"));
    await Promise.all([fleet.startAgent(target), fleet.startAgent(initiator)]);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  it("explores", async () => {
    const { controller, target, initiator } = fleet;
    const x = async (...a: string[]) => {
      const t = performance.now();
      const r = await controller.command(...a);
      say(`$ flashfleet ${a.join(" ")}   [${r.code}, ${((performance.now() - t) / 1000).toFixed(2)} s]\n${r.stdout}${r.stderr}`);
      return r;
    };
    await x("nodes");
    await x("facts", "target");
    await x("plan", PLAYBOOK, "-e", address);
    await x("run", PLAYBOOK, "-e", address, "-v");
    await x("run", PLAYBOOK, "-e", address);
    await x("health");
    await x("exec", "initiators", "command", "nvme list");
    await x("exec", "initiators", "command", `nvme discover -t tcp -a ${address.split("=")[1]} -s 4420`);
    await x("facts", "initiator");
    await x("run", REMOVAL, "-e", address, "-v");
    await x("run", REMOVAL, "-e", address);
    const after = await Promise.all([target.output(state), initiator.output(state)]);
    say(after.join("\n---\n"));
    say(fleet.agent(target).lines.tail(100));
    say(fleet.agent(initiator).lines.tail(100));
    say(controller.lines.tail(100));
    expect(after).toEqual(before);
  });
});
