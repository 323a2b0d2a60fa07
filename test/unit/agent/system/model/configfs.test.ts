import { describe, expect, it } from "vitest";
import { build, portSteps, run, type Step, targetNode } from "./lab.ts";

/**
 * A row of the ABI's test vectors: what is done to a fresh target, and what each step gives. What 6.1 and 6.12 do is in
 * test/contract, where real kernels are held against it; here is what differs on others.
 */
type Row = [says: string, steps: Step[], kernels?: string[]];

const s = "subsystems/s";
const ns = `${s}/namespaces/1`;

const subsystem: Step[] = [["mkdir", s, "ok"]];
const namespace: Step[] = [...subsystem, ["mkdir", ns, "ok"]];
const port: Step[] = [...subsystem, ...portSteps()];

/** Values written one after the other, with the result and what is read afterwards. */
function writes(path: string, rows: [text: string, result: string, reads?: string][]): Step[] {
  return rows.flatMap(([text, result, reads]): Step[] => [
    ["write", path, text, result],
    ...(reads === undefined ? [] : ([["read", path, `${reads}\n`]] as Step[])),
  ]);
}

const rows: Row[] = [
  ["11: true is no boolean", [...subsystem, ["write", `${s}/attr_allow_any_host`, "true", "EINVAL"]], ["5.10", "5.15"]],
  [
    "23, 24: serials are text",
    [
      ...subsystem,
      ...writes(`${s}/attr_serial`, [
        ["abc\n", "ok", `abc${" ".repeat(17)}`],
        ["ABCDEF0123456789ABCD", "ok", "ABCDEF0123456789ABCD"],
        ["ABCDEF0123456789ABCDE", "EINVAL"],
        ["\n", "EINVAL"],
        ["h\u00e9", "EINVAL", "ABCDEF0123456789ABCD"],
      ]),
    ],
    ["5.15"],
  ],
  [
    "25: serials are numbers",
    [
      ...subsystem,
      ...writes(`${s}/attr_serial`, [
        ["0x1f", "ok", "1f"],
        ["zz", "EINVAL", "1f"],
      ]),
    ],
    ["5.10"],
  ],
  [
    "25: a serial that is no number changes nothing",
    [
      ...subsystem,
      ...writes(`${s}/attr_serial`, [
        ["0x1f", "ok", "1f"],
        ["zz", "ok", "1f"],
      ]),
    ],
    ["5.0", "5.4"],
  ],
  ["26: a long model", [...subsystem, ["write", `${s}/attr_model`, "x".repeat(41), "ok"]], ["5.10"]],
  [
    "34: one id in two spellings",
    [...subsystem, ["mkdir", `${s}/namespaces/5`, "ok"], ["mkdir", `${s}/namespaces/05`, "ok"]],
    ["5.10"],
  ],
  [
    "34: one id in two spellings",
    [...subsystem, ["mkdir", `${s}/namespaces/5`, "ok"], ["mkdir", `${s}/namespaces/05`, "ENOMEM"]],
    ["6.14"],
  ],
  [
    "47: the last ANA group",
    [
      ...namespace,
      ...writes(`${ns}/ana_grpid`, [
        ["0", "EINVAL"],
        ["129", "EINVAL"],
        ["-1", "EINVAL"],
        ["0x10\n", "ok", "16"],
        ["128", "ok", "0"],
      ]),
    ],
    ["7.2"],
  ],
  ["47: the last ANA group", [...namespace, ...writes(`${ns}/ana_grpid`, [["128", "ok", "128"]])], ["5.10", "5.15"]],
  [
    "67: a transport that is missing",
    [...port, ["write", "ports/1/addr_trtype", "rdma", "ok"], ["link", "ports/1/subsystems/s", s, "EINVAL"]],
  ],
  [
    "72: referrals",
    [
      ["mkdir", "ports/1", "ok"],
      ["mkdir", "ports/1/referrals/r", "ok"],
      ["write", "ports/1/referrals/r/enable", "1", "ok"],
      ["write", "ports/1/referrals/r/addr_traddr", "10.0.0.9", "EACCES"],
      ["rmdir", "ports/1", "ENOTEMPTY"],
      ["rmdir", "ports/1/referrals/r", "ok"],
    ],
    ["5.10"],
  ],
  [
    "75: a key that cannot be cleared",
    [
      ["mkdir", "hosts/h", "ok"],
      ["write", "hosts/h/dhchap_key", "\0", "EINVAL"],
    ],
    ["6.8", "6.11"],
  ],
  ["76: the discovery subsystem has no name yet", [["read", "discovery_nqn", "ENOENT"]], ["6.8"]],
];

const cases = rows.flatMap(([says, steps, kernels = ["6.12"]]) =>
  kernels.map((kernel): [string, string, Step[]] => [kernel, says, steps]),
);

describe("the nvmet tree refuses what Linux refuses", () => {
  it.each(cases)("on %s: %s", async (kernel, _, steps) => {
    const system = await targetNode({ kernel, modulesMissing: ["nvmet-rdma", "nvmet-fc"] });
    // nvme2n1
    system.plugDrive({ serial: "RO", model: "Read only", size: 1e9, readOnly: true });
    const seen: string[] = [];
    for (const step of steps) seen.push([...step.slice(0, -1), await run(system, step)].join(" | "));
    expect(seen).toEqual(steps.map((step) => step.join(" | ")));
  });

  it("would crash where Linux crashes: enable with buffered_io and no path", async () => {
    const system = await targetNode();
    await build(system, [...namespace, ["write", `${ns}/buffered_io`, "1", "ok"]]);
    await expect(run(system, ["write", `${ns}/enable`, "1", ""])).rejects.toThrow("the kernel would crash here");
  });

  it("49: refuses the 1025th namespace", async () => {
    const system = await targetNode();
    await build(system, subsystem);
    for (let nsid = 1; nsid <= 1024; nsid++) {
      const at = `${s}/namespaces/${nsid}`;
      await build(system, [
        ["mkdir", at, "ok"],
        ["write", `${at}/device_path`, "/dev/nvme0n1", "ok"],
        ["write", `${at}/enable`, "1", "ok"],
      ]);
    }
    await build(system, [
      ["mkdir", `${s}/namespaces/1025`, "ok"],
      ["write", `${s}/namespaces/1025/device_path`, "/dev/nvme0n1", "ok"],
    ]);
    expect(await run(system, ["write", `${s}/namespaces/1025/enable`, "1", ""])).toBe("EMFILE");
  });
});

const listings: [kernel: string, path: string, names: string[]][] = [
  ["5.0", s, ["allowed_hosts", "attr_allow_any_host", "attr_serial", "attr_version", "namespaces"]],
  ["5.0", ns, ["ana_grpid", "buffered_io", "device_nguid", "device_path", "device_uuid", "enable"]],
  [
    "7.2",
    ns,
    "ana_grpid buffered_io device_nguid device_path device_uuid enable p2pmem resv_enable revalidate_size".split(" "),
  ],
  [
    "7.2",
    "ports/1",
    "addr_adrfam addr_traddr addr_treq addr_trsvcid addr_trtype addr_tsas ana_groups param_inline_data_size param_max_queue_size param_mdts param_pi_enable referrals subsystems".split(
      " ",
    ),
  ],
];

describe("the nvmet tree has what was recorded", () => {
  it.each(listings)("on %s in nvmet/%s", async (kernel, path, names) => {
    const system = await targetNode({ kernel });
    await build(system, [...namespace, ["mkdir", "ports/1", "ok"]]);
    expect(await system.list(`/sys/kernel/config/nvmet/${path}`)).toEqual(names);
  });
});
