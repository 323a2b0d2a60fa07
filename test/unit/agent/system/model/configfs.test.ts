import { describe, expect, it } from "vitest";
import { build, hostA, hostB, portSteps, run, type Step, targetNode } from "./lab.ts";

/** A row of the ABI's test vectors: what is done to a fresh target, and what each step gives. */
type Row = [says: string, steps: Step[], kernels?: string[]];

const s = "subsystems/s";
const ns = `${s}/namespaces/1`;
const long = (length: number) => "n".repeat(length);

const subsystem: Step[] = [["mkdir", s, "ok"]];
const hosts: Step[] = [
  ["mkdir", `hosts/${hostA}`, "ok"],
  ["mkdir", `hosts/${hostB}`, "ok"],
];
const namespace: Step[] = [...subsystem, ["mkdir", ns, "ok"]];
const ready: Step[] = [...namespace, ["write", `${ns}/device_path`, "/dev/nvme0n1", "ok"]];
const enabled: Step[] = [...ready, ["write", `${ns}/enable`, "1", "ok"]];
const port: Step[] = [...subsystem, ...portSteps()];
const linked: Step[] = [...port, ["link", "ports/1/subsystems/s", s, "ok"]];

/** Values written one after the other, with the result and what is read afterwards. */
function writes(path: string, rows: [text: string, result: string, reads?: string][]): Step[] {
  return rows.flatMap(([text, result, reads]): Step[] => [
    ["write", path, text, result],
    ...(reads === undefined ? [] : ([["read", path, `${reads}\n`]] as Step[])),
  ]);
}

const rows: Row[] = [
  ["1: a subsystem is made once", [...subsystem, ["mkdir", s, "EEXIST"]]],
  ["2: the discovery subsystem is not made", [["mkdir", "subsystems/nqn.2014-08.org.nvmexpress.discovery", "EINVAL"]]],
  [
    "3: any name up to 255 bytes is a subsystem",
    [
      ["mkdir", "subsystems/foo bar", "ok"],
      ["mkdir", `subsystems/${long(255)}`, "ok"],
      ["mkdir", `subsystems/${long(256)}`, "ENAMETOOLONG"],
    ],
  ],
  [
    "4: nothing is made where nothing belongs",
    [...subsystem, ["mkdir", "x", "EPERM"], ["mkdir", `${s}/x`, "EPERM"], ["mkdir", `${s}/allowed_hosts/x`, "EPERM"]],
  ],
  [
    "5: default groups stay",
    [
      ...port,
      ["rmdir", `${s}/allowed_hosts`, "EPERM"],
      ["rmdir", "subsystems", "EPERM"],
      ["rmdir", "ports/1/ana_groups/1", "EPERM"],
    ],
  ],
  ["6: an attribute that is missing", [...subsystem, ["write", `${s}/attr_nope`, "1", "ENOENT"]]],
  ["7: a write of nothing", [...subsystem, ["write", `${s}/attr_allow_any_host`, "", "EFAULT"]], ["5.15", "6.12"]],
  ["7: a write of nothing", [...subsystem, ["write", `${s}/attr_allow_any_host`, "", "ok"]], ["5.10"]],
  [
    "8: a long write is cut and stored",
    [
      ...namespace,
      ["write", `${ns}/device_path`, `/${"a".repeat(5000)}`, "EIO"],
      ["read", `${ns}/device_path`, `/${"a".repeat(4094)}\n`],
    ],
  ],
  ["9: attributes are not unlinked", [...subsystem, ["unlink", `${s}/attr_serial`, "EPERM"]]],
  [
    "10: allow_any_host takes booleans",
    [
      ...subsystem,
      ...writes(`${s}/attr_allow_any_host`, [
        ["1\n", "ok", "1"],
        ["n", "ok", "0"],
        ["y", "ok", "1"],
        ["off", "ok", "0"],
        ["on", "ok", "1"],
        ["2", "EINVAL", "1"],
        ["\n", "EINVAL", "1"],
        ["enabled", "EINVAL", "1"],
      ]),
    ],
  ],
  ["11: true is a boolean", [...subsystem, ["write", `${s}/attr_allow_any_host`, "true", "ok"]], ["6.1", "6.12"]],
  ["11: true is no boolean", [...subsystem, ["write", `${s}/attr_allow_any_host`, "true", "EINVAL"]], ["5.10", "5.15"]],
  [
    "12: no host is linked where all may come",
    [
      ...subsystem,
      ...hosts,
      ["write", `${s}/attr_allow_any_host`, "1", "ok"],
      ["link", `${s}/allowed_hosts/x`, `hosts/${hostA}`, "EINVAL"],
    ],
  ],
  [
    "13 to 16 and 21, 22: links of hosts",
    [
      ...subsystem,
      ...hosts,
      ["link", `${s}/allowed_hosts/zzz`, `hosts/${hostA}`, "ok"],
      ["readlink", `${s}/allowed_hosts/zzz`, `../../../../nvmet/hosts/${hostA}`],
      ["write", `${s}/attr_allow_any_host`, "1", "EINVAL"],
      ["write", `${s}/attr_allow_any_host`, "0", "ok"],
      ["link", `${s}/allowed_hosts/other`, `hosts/${hostA}`, "EEXIST"],
      ["link", `${s}/allowed_hosts/zzz`, `hosts/${hostB}`, "EEXIST"],
      ["rmdir", `hosts/${hostA}`, "EBUSY"],
      ["unlink", `${s}/allowed_hosts/zzz`, "ok"],
      ["unlink", `${s}/allowed_hosts/zzz`, "ENOENT"],
      ["rmdir", `hosts/${hostA}`, "ok"],
    ],
  ],
  [
    "17 to 20: what is no host, or no place for links",
    [
      ...subsystem,
      ...hosts,
      ["link", `${s}/allowed_hosts/s`, s, "EINVAL"],
      ["link", `${s}/allowed_hosts/t`, "/tmp", "EPERM"],
      ["link", `${s}/allowed_hosts/n`, "hosts/nope", "ENOENT"],
      ["link", `${s}/allowed_hosts/a`, `${s}/attr_serial`, "ENOTDIR"],
      ["link", `${s}/allowed_hosts/r`, `../../../hosts/${hostA}`, "ENOENT"],
      ["link", `${s}/namespaces/z`, `hosts/${hostA}`, "EPERM"],
      ["link", "hosts/z", `hosts/${hostA}`, "EPERM"],
      ["link", `${s}/z`, `hosts/${hostA}`, "EPERM"],
    ],
  ],
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
    ["5.15", "6.12"],
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
  [
    "26 to 30: what hosts are told",
    [
      ...subsystem,
      ...writes(`${s}/attr_model`, [
        ["x".repeat(40), "ok", "x".repeat(40)],
        ["x".repeat(41), "EINVAL"],
      ]),
      ...writes(`${s}/attr_version`, [
        ["1.4", "ok", "1.4"],
        ["1.4.0", "ok", "1.4"],
        ["2.0.1", "ok", "2.0.1"],
        ["1", "EINVAL"],
      ]),
      ...writes(`${s}/attr_firmware`, [
        ["123456789", "EINVAL", "6.12.107"],
        ["fw1\n", "ok", "fw1"],
      ]),
      ...writes(`${s}/attr_ieee_oui`, [
        ["0x1000000", "EINVAL", "0x000000"],
        ["123\n", "ok", "0x00007b"],
      ]),
      ...writes(`${s}/attr_cntlid_min`, [
        ["0", "EINVAL", "1"],
        ["65520", "EINVAL", "1"],
        ["70000", "ok", "4464"],
        ["65519", "ok", "65519"],
      ]),
      ...writes(`${s}/attr_qid_max`, [
        ["0", "EINVAL"],
        ["129", "EINVAL"],
        ["1", "ok", "1"],
      ]),
      ["write", `${s}/attr_vendor_id`, "1", "ENOENT"],
    ],
    ["6.12"],
  ],
  ["26: a long model", [...subsystem, ["write", `${s}/attr_model`, "x".repeat(41), "ok"]], ["5.10"]],
  [
    "33: namespace ids",
    [
      ...subsystem,
      ...["0", "4294967295", "x", "-1", "1 "].map((name): Step => ["mkdir", `${s}/namespaces/${name}`, "EINVAL"]),
      ["mkdir", `${s}/namespaces/4294967296`, "ERANGE"],
      ["mkdir", `${s}/namespaces/4294967294`, "ok"],
    ],
  ],
  [
    "34: one id in two spellings",
    [...subsystem, ["mkdir", `${s}/namespaces/5`, "ok"], ["mkdir", `${s}/namespaces/05`, "ok"]],
    ["5.10", "6.12"],
  ],
  [
    "34: one id in two spellings",
    [...subsystem, ["mkdir", `${s}/namespaces/5`, "ok"], ["mkdir", `${s}/namespaces/05`, "ENOMEM"]],
    ["6.14"],
  ],
  [
    "35: a fresh namespace",
    [
      ...namespace,
      ["read", `${ns}/device_path`, "(null)\n"],
      ["read", `${ns}/device_nguid`, "00000000-0000-0000-0000-000000000000\n"],
      ["read", `${ns}/enable`, "0\n"],
      ["read", `${ns}/ana_grpid`, "1\n"],
    ],
  ],
  [
    "36 to 40: what can be enabled",
    [
      ...namespace,
      ["write", `${ns}/enable`, "1", "EINVAL"],
      ["write", `${ns}/device_path`, "\n", "EINVAL"],
      ["write", `${ns}/device_path`, "/tmp/nope", "ok"],
      ["write", `${ns}/enable`, "1", "ENOENT"],
      ["write", `${ns}/device_path`, "/tmp", "ok"],
      ["write", `${ns}/enable`, "1", "EISDIR"],
      ["write", `${ns}/device_path`, "/dev/null", "ok"],
      ["write", `${ns}/enable`, "1", "EINVAL"],
      ["write", `${ns}/device_path`, "/dev/nvme2n1", "ok"],
      ["write", `${ns}/enable`, "1", "EACCES"],
      ["write", `${ns}/device_path`, "/dev/nvme0n1\n", "ok"],
      ["write", `${ns}/enable`, "0", "ok"],
      ["write", `${ns}/enable`, "1", "ok"],
      ["write", `${ns}/enable`, "1", "ok"],
      ["write", `${ns}/enable`, "x", "EINVAL"],
      ["read", `${ns}/enable`, "1\n"],
    ],
  ],
  [
    "41 to 44: an enabled namespace",
    [
      ...enabled,
      ["write", `${ns}/device_path`, "/dev/nvme1n1", "EBUSY"],
      ["write", `${ns}/device_uuid`, "11111111-1111-1111-1111-111111111111", "EBUSY"],
      ["write", `${ns}/device_nguid`, "11111111-1111-1111-1111-111111111111", "EBUSY"],
      ["write", `${ns}/buffered_io`, "1", "EINVAL"],
      ["write", `${ns}/ana_grpid`, "2", "ok"],
      ["write", `${ns}/revalidate_size`, "1", "ok"],
      ["write", `${ns}/revalidate_size`, "0", "EINVAL"],
      ["read", `${ns}/revalidate_size`, "EACCES"],
      ["write", `${ns}/enable`, "0", "ok"],
      ["write", `${ns}/revalidate_size`, "1", "EINVAL"],
    ],
  ],
  [
    "45, 46: identities",
    [
      ...namespace,
      ...writes(`${ns}/device_uuid`, [
        ["AAAAAAAA-2222-3333-4444-555555555555XYZ", "ok", "aaaaaaaa-2222-3333-4444-555555555555"],
        ["11111111222233334444555555555555", "EINVAL"],
        ["{11111111-2222-3333-4444-555555555555}", "EINVAL"],
      ]),
      ...writes(`${ns}/device_nguid`, [
        ["11111111222233334444555555555555", "ok", "11111111-2222-3333-4444-555555555555"],
        ["11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:aa", "ok", "11111111-2222-3333-4444-5555555555aa"],
        ["1111", "EINVAL"],
      ]),
    ],
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
    ["6.1", "6.12", "7.2"],
  ],
  ["47: the last ANA group", [...namespace, ...writes(`${ns}/ana_grpid`, [["128", "ok", "128"]])], ["5.10", "5.15"]],
  [
    "48, 50: one drive in two namespaces, gone while enabled",
    [
      ...enabled,
      ["mkdir", `${s}/namespaces/2`, "ok"],
      ["write", `${s}/namespaces/2/device_path`, "/dev/nvme0n1", "ok"],
      ["write", `${s}/namespaces/2/enable`, "1", "ok"],
      ["rmdir", ns, "ok"],
    ],
  ],
  [
    "51, 52: a subsystem that is used",
    [
      ...linked,
      ["rmdir", s, "EBUSY"],
      ["unlink", "ports/1/subsystems/s", "ok"],
      ["mkdir", ns, "ok"],
      ["rmdir", s, "ENOTEMPTY"],
      ["rmdir", ns, "ok"],
      ["mkdir", `hosts/${hostA}`, "ok"],
      ["link", `${s}/allowed_hosts/h`, `hosts/${hostA}`, "ok"],
      ["rmdir", s, "ENOTEMPTY"],
      ["unlink", `${s}/allowed_hosts/h`, "ok"],
      ["rmdir", s, "ok"],
    ],
  ],
  [
    "53: port ids",
    [
      ["mkdir", "ports/0", "ok"],
      ["mkdir", "ports/65535", "ok"],
      ["mkdir", "ports/65536", "EINVAL"],
      ["mkdir", "ports/-1", "EINVAL"],
      ["mkdir", "ports/x", "EINVAL"],
      ["mkdir", "ports/007", "ok"],
    ],
  ],
  [
    "54: a fresh port",
    [
      ["mkdir", "ports/1", "ok"],
      ...["addr_adrfam", "addr_traddr", "addr_trsvcid", "addr_trtype", "addr_tsas"].map(
        (name): Step => ["read", `ports/1/${name}`, "\n"],
      ),
      ["read", "ports/1/addr_treq", "not specified\n"],
      ["read", "ports/1/param_inline_data_size", "-1\n"],
    ],
  ],
  [
    "55 to 57: words of a port",
    [
      ["mkdir", "ports/1", "ok"],
      ["write", "ports/1/addr_trtype", "TCP", "EINVAL"],
      ["write", "ports/1/addr_adrfam", "pcie", "EINVAL"],
      ...writes("ports/1/addr_traddr", [
        ["10.0.0.1 junk\n", "ok", "10.0.0.1"],
        [" 10.0.0.2", "ok", "10.0.0.2"],
        ["\n", "ok", ""],
        ["a".repeat(256), "ok"],
        ["a".repeat(257), "EINVAL"],
      ]),
      ["write", "ports/1/addr_trsvcid", "1".repeat(33), "EINVAL"],
      ["write", "ports/1/addr_trtype", "tcp", "ok"],
      ["write", "ports/1/addr_tsas", "tls1.3", "ok"],
      ["read", "ports/1/addr_treq", "required\n"],
      ["write", "ports/1/addr_treq", "not specified", "EINVAL"],
    ],
  ],
  [
    "58, 59: a port that lacks something",
    [
      ...subsystem,
      ["mkdir", "ports/1", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
      ["write", "ports/1/addr_trtype", "tcp", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
      ["write", "ports/1/addr_adrfam", "ipv4", "ok"],
      ["write", "ports/1/addr_traddr", "10.0.0.1", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
      ["write", "ports/1/addr_trsvcid", "notaport", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
      ["write", "ports/1/addr_trsvcid", "65536", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
      ["write", "ports/1/addr_trsvcid", "0", "ok"],
      ["link", "ports/1/subsystems/s", s, "ok"],
    ],
  ],
  [
    "60, 61: addresses that cannot be bound",
    [
      ...linked,
      ...portSteps(2),
      ["link", "ports/2/subsystems/s", s, "EADDRINUSE"],
      ["write", "ports/2/addr_traddr", "0.0.0.0", "ok"],
      ["link", "ports/2/subsystems/s", s, "EADDRINUSE"],
      ["write", "ports/2/addr_traddr", "192.0.2.55", "ok"],
      ["link", "ports/2/subsystems/s", s, "EADDRNOTAVAIL"],
      ["write", "ports/2/addr_traddr", "localhost", "ok"],
      ["link", "ports/2/subsystems/s", s, "EINVAL"],
      ["write", "ports/2/addr_traddr", "::1", "ok"],
      ["link", "ports/2/subsystems/s", s, "EINVAL"],
      ["write", "ports/2/addr_adrfam", "ipv6", "ok"],
      ["link", "ports/2/subsystems/s", s, "ok"],
    ],
  ],
  [
    "62 to 66, 68: an enabled port",
    [
      ...port,
      ["write", "ports/1/param_max_queue_size", "5000", "ok"],
      ["link", "ports/1/subsystems/s", s, "ok"],
      ["readlink", "ports/1/subsystems/s", "../../../../nvmet/subsystems/s"],
      ["link", "ports/1/subsystems/s2", s, "EEXIST"],
      ["link", "ports/1/subsystems/n", `${s}/namespaces`, "EINVAL"],
      ["write", "ports/1/addr_traddr", "10.0.0.1", "EACCES"],
      ["write", "ports/1/param_inline_data_size", "16384", "EACCES"],
      ["write", "ports/1/param_pi_enable", "bogus", "EINVAL"],
      ["write", "ports/1/addr_trtype", "bogus", "EACCES"],
      ["read", "ports/1/param_inline_data_size", "16384\n"],
      ["read", "ports/1/param_max_queue_size", "1024\n"],
      ["unlink", "ports/1/subsystems/s", "ok"],
      ["read", "ports/1/param_inline_data_size", "16384\n"],
      ["write", "ports/1/addr_traddr", "10.0.0.1", "ok"],
      ["write", "ports/1/param_pi_enable", "1", "ok"],
      ["link", "ports/1/subsystems/s", s, "EINVAL"],
    ],
  ],
  [
    "67: a transport that is missing",
    [...port, ["write", "ports/1/addr_trtype", "rdma", "ok"], ["link", "ports/1/subsystems/s", s, "EINVAL"]],
  ],
  [
    "69 to 71: ANA groups keep a port",
    [
      ["mkdir", "ports/1", "ok"],
      ["mkdir", "ports/1/ana_groups/1", "EEXIST"],
      ["mkdir", "ports/1/ana_groups/0", "EINVAL"],
      ["mkdir", "ports/1/ana_groups/129", "EINVAL"],
      ["mkdir", "ports/1/ana_groups/2", "ok"],
      ["read", "ports/1/ana_groups/2/ana_state", "inaccessible\n"],
      ["write", "ports/1/ana_groups/2/ana_state", "foo", "EINVAL"],
      ["rmdir", "ports/1", "ENOTEMPTY"],
      ["rmdir", "ports/1/ana_groups/2", "ok"],
      ["rmdir", "ports/1", "ok"],
    ],
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
    ["5.10", "6.12"],
  ],
  [
    "73 to 75: keys",
    [
      ["mkdir", "hosts/h", "ok"],
      ...writes("hosts/h/dhchap_key", [
        ["foo", "EINVAL", ""],
        ["\n", "EINVAL"],
        ["DHHC-1:04:x:", "EINVAL"],
        ["DHHC-1:00:garbage:\n", "ok", "DHHC-1:00:garbage:"],
        ["\0", "ok", ""],
      ]),
      ...writes("hosts/h/dhchap_hash", [
        ["sha256", "EINVAL", "hmac(sha256)"],
        ["hmac(sha512)\n", "ok", "hmac(sha512)"],
      ]),
      ...writes("hosts/h/dhchap_dhgroup", [
        ["none", "EINVAL", "null"],
        ["ffdhe2048x", "ok", "ffdhe2048"],
      ]),
    ],
    ["6.12"],
  ],
  [
    "75: a key that cannot be cleared",
    [
      ["mkdir", "hosts/h", "ok"],
      ["write", "hosts/h/dhchap_key", "\0", "EINVAL"],
    ],
    ["6.8", "6.11"],
  ],
  [
    "no keys without the option",
    [
      ["mkdir", "hosts/h", "ok"],
      ["read", "hosts/h/dhchap_key", "ENOENT"],
    ],
    ["6.1"],
  ],
  [
    "76: the discovery subsystem's name",
    [
      ...subsystem,
      ["write", "discovery_nqn", "x\n", "EIO"],
      ["read", "discovery_nqn", "x\n"],
      ["write", "discovery_nqn", "y", "ok"],
      ["mkdir", "subsystems/y", "EINVAL"],
      ["write", "discovery_nqn", "s", "EINVAL"],
    ],
  ],
  ["76: the discovery subsystem has no name yet", [["read", "discovery_nqn", "ENOENT"]], ["6.8"]],
  ["77: passthru of nothing", [...subsystem, ["write", `${s}/passthru/enable`, "1", "EINVAL"]]],
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
  ["6.12", "", ["discovery_nqn", "hosts", "ports", "subsystems"]],
  [
    "6.12",
    s,
    "allowed_hosts attr_allow_any_host attr_cntlid_max attr_cntlid_min attr_firmware attr_ieee_oui attr_model attr_pi_enable attr_qid_max attr_serial attr_version namespaces passthru".split(
      " ",
    ),
  ],
  ["6.12", ns, "ana_grpid buffered_io device_nguid device_path device_uuid enable revalidate_size".split(" ")],
  [
    "6.12",
    "ports/1",
    "addr_adrfam addr_traddr addr_treq addr_trsvcid addr_trtype addr_tsas ana_groups param_inline_data_size param_max_queue_size param_pi_enable referrals subsystems".split(
      " ",
    ),
  ],
  ["5.0", s, ["allowed_hosts", "attr_allow_any_host", "attr_serial", "attr_version", "namespaces"]],
  ["5.0", ns, ["ana_grpid", "buffered_io", "device_nguid", "device_path", "device_uuid", "enable"]],
  [
    "6.1",
    s,
    "allowed_hosts attr_allow_any_host attr_cntlid_max attr_cntlid_min attr_model attr_pi_enable attr_qid_max attr_serial attr_version namespaces".split(
      " ",
    ),
  ],
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
