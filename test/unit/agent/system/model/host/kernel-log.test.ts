import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import type { ConnectOptions } from "../../../../../../agent/system/system.ts";
import {
  build,
  connectTo,
  errnoOf,
  exportBoth,
  hostA,
  hostB,
  hostidA,
  hostidB,
  never,
  nqnA,
  pair,
  run,
  turns,
} from "../lab.ts";

/** What the initiator has logged, without the times. */
function said(system: ModelSystem): string[] {
  return system.kernelLog().map((line) => line.replace(/^\[ *\d+\.\d+\] /, ""));
}

async function lab(kernel: string) {
  const nodes = await pair({ target: kernel, initiator: kernel });
  await exportBoth(nodes.target);
  return nodes;
}

const unknown = "nqn.2024-01.io.x:zzz";
const long = "n".repeat(223);

const refusals: [says: string, nqn: string, options: ConnectOptions, log: string[]][] = [
  ["a host name", nqnA, { traddr: "localhost" }, ["nvme_tcp: malformed address passed: localhost:4420"]],
  ["a service that is text", nqnA, { trsvcid: "abc" }, ["nvme_tcp: malformed address passed: 10.0.0.1:abc"]],
  ["a port where nothing listens", nqnA, { trsvcid: "4499" }, ["nvme nvme2: failed to connect socket: -111"]],
  ["an address of nobody's", nqnA, { host_traddr: "192.0.2.1" }, ["nvme nvme2: failed to bind queue 0 socket -99"]],
  ["an interface that is missing", nqnA, { host_iface: "bogus0" }, ["nvme_tcp: invalid interface passed: bogus0"]],
  ["an unknown transport", nqnA, { transport: "bogus" }, ["nvme_fabrics: no handler found for transport bogus."]],
  ["a long NQN", long, {}, [`nvme_fabrics: ${long} needs to be < 223 bytes`]],
  ["a small queue", nqnA, { queue_size: 15 }, ["nvme_fabrics: Invalid queue_size 15"]],
  ["no queues", nqnA, { nr_io_queues: 0 }, ["nvme_fabrics: Invalid number of IOQs 0"]],
  ["a host id that is none", nqnA, { hostid: "xyz" }, ["nvme_fabrics: Invalid hostid xyz"]],
  ["a secret that is none", nqnA, { dhchap_secret: "abc" }, ["nvme_fabrics: Invalid DH-CHAP secret abc"]],
  ["TLS without a key", nqnA, { tls: true }, ["nvme nvme2: no valid PSK found"]],
  [
    "an unknown option",
    nqnA,
    { foo: 1 },
    ["nvme_fabrics: unknown parameter or missing value 'foo=1' in ctrl creation request"],
  ],
  [
    "a subsystem that is no discovery controller",
    nqnA,
    { discovery: true },
    [`nvme nvme2: Subsystem ${nqnA} is not a discovery controller`],
  ],
  [
    "an unknown subsystem",
    unknown,
    {},
    [
      `nvme nvme2: Connect Invalid Data Parameter, subsysnqn "${unknown}"`,
      "nvme nvme2: failed to connect queue: 0 ret=16770",
    ],
  ],
  [
    "a host that is not allowed",
    nqnA,
    { hostnqn: hostB, hostid: hostidB },
    [
      `nvme nvme2: Connect for subsystem ${nqnA} is not allowed, hostnqn: ${hostB}`,
      "nvme nvme2: failed to connect queue: 0 ret=16772",
    ],
  ],
];

describe("what the initiator logs", () => {
  it.each(refusals)("of a connect with %s", async (_says, nqn, options, log) => {
    const { initiator } = await lab("6.12");
    expect(await errnoOf(initiator.do(connectTo(nqn, options), never))).not.toBe("ok");
    expect(said(initiator)).toEqual(log);
  });

  it("of host NQNs and host ids that do not go together", async () => {
    const { initiator } = await lab("6.12");
    await initiator.do(connectTo(nqnA), never);
    const before = said(initiator).length;
    for (const options of [{ hostnqn: hostB }, { hostid: hostidB }]) {
      await expect(initiator.do(connectTo(nqnA, options), never)).rejects.toMatchObject({ errno: "EINVAL" });
    }
    expect(said(initiator).slice(before)).toEqual([
      `nvme_fabrics: found same hostid ${hostidA} but different hostnqn ${hostB}`,
      `nvme_fabrics: found same hostnqn ${hostA} but different hostid ${hostidB}`,
    ]);
  });

  const lives: [kernel: string, log: string[]][] = [
    [
      "6.1",
      [
        `nvme nvme2: new ctrl: NQN "${nqnA}", addr 10.0.0.1:4420`,
        "nvme nvme2: Failed reconnect attempt 1",
        "nvme nvme2: Successfully reconnected (2 attempt)",
      ],
    ],
    [
      "6.12",
      [
        `nvme nvme2: new ctrl: NQN "${nqnA}", addr 10.0.0.1:4420, hostnqn: ${hostA}`,
        "nvme nvme2: Failed reconnect attempt 1/300",
        "nvme nvme2: Successfully reconnected (attempt 2/300)",
      ],
    ],
  ];
  it.each(lives)("of a controller that loses its connection, on %s", async (kernel, [made, failed, back]) => {
    const { target, initiator, clock } = await lab(kernel);
    await initiator.do(connectTo(nqnA, { nr_io_queues: 1 }), never);
    await turns();
    for (const name of [nqnA, "nqn.2024-01.io.x:b"]) await run(target, ["unlink", `ports/1/subsystems/${name}`, "ok"]);
    await turns();
    await clock.advance(3_900);
    await build(target, [["link", `ports/1/subsystems/${nqnA}`, `subsystems/${nqnA}`, "ok"]]);
    await clock.advance(3_000);
    const queues = ["nvme nvme2: creating 1 I/O queues.", "nvme nvme2: mapped 1/0/0 default/read/poll queues."];
    expect(said(initiator).filter((line) => !line.includes("starting error recovery"))).toEqual([
      ...queues,
      made,
      "nvme nvme2: Reconnecting in 2 seconds...",
      "nvme nvme2: failed to connect socket: -111",
      failed,
      "nvme nvme2: Reconnecting in 2 seconds...",
      ...queues,
      back,
    ]);
  });

  it("of a reset that is refused for good", async () => {
    const { target, initiator } = await lab("6.12");
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await run(target, ["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"]);
    const before = said(initiator).length;
    expect(await run(initiator, ["write", "/sys/class/nvme/nvme2/reset_controller", "1", ""])).toBe("ENETRESET");
    expect(said(initiator).slice(before)).toEqual([
      `nvme nvme2: Connect for subsystem ${nqnA} is not allowed, hostnqn: ${hostA}`,
      "nvme nvme2: failed to connect queue: 0 ret=16772",
      "nvme nvme2: Removing controller (16772)...",
      `nvme nvme2: Removing ctrl: NQN "${nqnA}"`,
      "nvme nvme2: Property Set error: 880, offset 0x14",
    ]);
  });

  const sizes: [kernel: string, log: string[]][] = [
    ["5.10", ["nvme nvme2: rescanning namespaces.", "nvme2n1: detected capacity change from 0 to 4096000000"]],
    ["6.12", ["nvme nvme2: rescanning namespaces.", "nvme2n1: detected capacity change from 3906250 to 8000000"]],
  ];
  it.each(sizes)("of a namespace that grows, on %s", async (kernel, log) => {
    const { target, initiator } = await lab(kernel);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    const before = said(initiator).length;
    target.resizeDrive("nvme0n1", 4_096_000_000);
    await build(target, [["write", `subsystems/${nqnA}/namespaces/1/revalidate_size`, "1", "ok"]]);
    await turns();
    expect(said(initiator).slice(before)).toEqual(log);
  });
});
