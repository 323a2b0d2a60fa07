import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import {
  build,
  connectTo,
  errnoOf,
  exportBoth,
  hostB,
  hostidB,
  never,
  nqnA,
  portSteps,
  run,
  type Step,
  targetNode,
} from "../lab.ts";

/** What the log says since, without times. */
async function saysOf(system: ModelSystem, work: () => Promise<unknown>): Promise<string[]> {
  const before = system.kernelLog().length;
  await work();
  return system
    .kernelLog()
    .slice(before)
    .map((line) => line.replace(/^\[ *\d+\.\d{6}\] /, ""));
}

const P = "ports/1";
const S = "subsystems/s";
const namespace = `${S}/namespaces/1`;
const linked: Step[] = [["mkdir", S, "ok"], ...portSteps(1, "127.0.0.1"), ["link", `${P}/subsystems/s`, S, "ok"]];

/** As recorded: what a step says after others, and on which kernels. */
const rows: readonly { kernel: string; given: readonly Step[]; step: Step; says: readonly string[] }[] = [
  { kernel: "5.0", given: [["mkdir", S, "ok"]], step: ["mkdir", `${S}/namespaces/0`, "EINVAL"], says: [] },
  {
    kernel: "5.4",
    given: [["mkdir", S, "ok"]],
    step: ["mkdir", `${S}/namespaces/4294967295`, "EINVAL"],
    says: ["nvmet: invalid nsid 0xffffffff"],
  },
  {
    kernel: "6.12",
    given: [["mkdir", S, "ok"]],
    step: ["mkdir", `${S}/namespaces/4294967294`, "ok"],
    says: ["nvmet: adding nsid -2 to subsystem s"],
  },
  {
    kernel: "5.4",
    given: linked,
    step: ["write", `${P}/addr_traddr`, "127.0.0.1", "EACCES"],
    says: ["nvmet: Cannot modify address while enabled", "nvmet: Disable the address before modifying"],
  },
  {
    kernel: "5.4",
    given: linked,
    step: ["write", `${P}/param_inline_data_size`, "0", "EACCES"],
    says: ["nvmet: Cannot modify inline_data_size while port enabled", "nvmet: Disable the port before modifying"],
  },
  {
    kernel: "5.10",
    given: linked,
    step: ["write", `${P}/param_pi_enable`, "0", "EACCES"],
    says: ["nvmet: Disable port before setting pi_enable value."],
  },
  {
    kernel: "6.1",
    given: linked,
    step: ["write", `${P}/param_pi_enable`, "0", "EACCES"],
    says: ["nvmet: Disable port '1' before changing attribute in nvmet_param_pi_enable_store"],
  },
  {
    kernel: "6.12",
    given: [
      ["mkdir", S, "ok"],
      ["mkdir", P, "ok"],
    ],
    step: ["link", `${P}/subsystems/s`, S, "EINVAL"],
    says: ["nvmet: transport type 0 not supported"],
  },
  {
    kernel: "7.2",
    given: [
      ["mkdir", S, "ok"],
      ["mkdir", P, "ok"],
    ],
    step: ["link", `${P}/subsystems/s`, S, "EINVAL"],
    says: [],
  },
  {
    kernel: "6.12",
    given: [["mkdir", S, "ok"], ...portSteps(1, "192.0.2.55")],
    step: ["link", `${P}/subsystems/s`, S, "EADDRNOTAVAIL"],
    says: ["nvmet_tcp: failed to bind port socket -99"],
  },
  {
    kernel: "6.12",
    given: [["mkdir", S, "ok"], ...portSteps(1, "127.0.0.1", "notaport")],
    step: ["link", `${P}/subsystems/s`, S, "EINVAL"],
    says: ["nvmet_tcp: malformed ip/port passed: 127.0.0.1:notaport"],
  },
  {
    kernel: "6.12",
    given: [["mkdir", S, "ok"], ...portSteps(1, "::1")],
    step: ["link", `${P}/subsystems/s`, S, "ok"],
    says: ["nvmet_tcp: enabling port 1 ([::1]:4420)"],
  },
  {
    kernel: "6.12",
    given: [
      ["mkdir", S, "ok"],
      ["mkdir", namespace, "ok"],
      ["write", `${namespace}/device_path`, "/nope", "ok"],
    ],
    step: ["write", `${namespace}/enable`, "1", "ENOENT"],
    says: ["nvmet: failed to open block device /nope: (-2)"],
  },
  {
    kernel: "6.12",
    given: [
      ["mkdir", S, "ok"],
      ["mkdir", namespace, "ok"],
      ["write", `${namespace}/device_path`, "/nope", "ok"],
      ["write", `${namespace}/buffered_io`, "1", "ok"],
    ],
    step: ["write", `${namespace}/enable`, "1", "ENOENT"],
    says: ["nvmet: failed to open file /nope: (-2)"],
  },
  { kernel: "6.12", given: [["mkdir", S, "ok"]], step: ["mkdir", S, "EEXIST"], says: [] },
];

describe("the target says in the kernel's log", () => {
  it.each(rows)("on $kernel of $step: $says", async ({ kernel, given, step, says }) => {
    const system = await targetNode({ kernel });
    await build(system, given);
    expect(await saysOf(system, async () => expect(await run(system, step)).toBe(step.at(-1)))).toEqual(says);
  });

  it.each([
    ["5.10", "nvmet: creating controller 1 for"],
    ["6.12", "nvmet: creating nvm controller 1 for"],
    ["7.2", "nvmet: Created nvm controller 1 for"],
  ])("on %s who connected: %s …", async (kernel, words) => {
    const system = await targetNode({ kernel });
    await exportBoth(system);
    await system.do({ op: "modprobe", name: "nvme-tcp", parameters: {} }, never);
    const says = await saysOf(system, () => system.do(connectTo(nqnA), never));
    expect(says.filter((line) => line.startsWith("nvmet: "))).toEqual([
      `${words} subsystem ${nqnA} for NQN nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555.`,
    ]);
  });

  it("who was turned away, and why", async () => {
    const system = await targetNode();
    await exportBoth(system);
    await system.do({ op: "modprobe", name: "nvme-tcp", parameters: {} }, never);
    const says = await saysOf(system, async () => {
      await errnoOf(system.do(connectTo(nqnA, { hostnqn: hostB, hostid: hostidB }), never));
      await errnoOf(system.do(connectTo("nqn.nobody"), never));
    });
    expect(says.filter((line) => line.startsWith("nvmet: "))).toEqual([
      `nvmet: connect by host ${hostB} for subsystem ${nqnA} not allowed`,
      "nvmet: connect request for invalid subsystem nqn.nobody!",
    ]);
  });
});
