import type { Row } from "../row.ts";
import { mkdir, values, write } from "./acts.ts";
import { P, portToLink } from "./states.ts";

const at = (name: string) => `${P}/${name}`;
const made = [mkdir(P)];

/** A port that differs in some attributes from one that can be enabled. */
const portWith = (attributes: Record<string, string>) => [
  ...portToLink,
  ...Object.entries(attributes).map(([name, value]) => write(at(name), value)),
];

/** Attributes of a port that is not enabled (drivers/nvme/target/configfs.c). */
export const portRows: readonly Row[] = [
  { says: "the first port id", when: mkdir("ports/0"), gives: "ok" },
  { says: "the last port id", when: mkdir("ports/65535"), gives: "ok" },
  ...["65536", "-1", "x"].map(
    (name): Row => ({ says: `a port ${name}`, when: mkdir(`ports/${name}`), gives: "EINVAL" }),
  ),
  {
    says: "one port id in two spellings",
    given: [mkdir("ports/7")],
    when: mkdir("ports/007"),
    gives: "ok",
    shows: { ports: "007 7" },
  },
  {
    says: "a fresh port",
    when: mkdir(P),
    gives: "ok",
    shows: {
      [at("addr_adrfam")]: "",
      [at("addr_traddr")]: "",
      [at("addr_treq")]: "not specified",
      [at("addr_trsvcid")]: "",
      [at("addr_trtype")]: "",
      [at("param_inline_data_size")]: "-1",
      [at("param_pi_enable")]: "0",
      [at("ana_groups")]: "1",
      [at("ana_groups/1/ana_state")]: "optimized",
    },
  },
  {
    says: "what a port has, on 6.1",
    when: mkdir(P),
    gives: "ok",
    shows: {
      [P]: "addr_adrfam addr_traddr addr_treq addr_trsvcid addr_trtype ana_groups param_inline_data_size param_pi_enable referrals subsystems",
    },
    since: "5.10",
    until: "6.7",
  },
  {
    says: "what a port has, on 6.12",
    when: mkdir(P),
    gives: "ok",
    shows: {
      [P]: "addr_adrfam addr_traddr addr_treq addr_trsvcid addr_trtype addr_tsas ana_groups param_inline_data_size param_max_queue_size param_pi_enable referrals subsystems",
    },
    since: "6.11",
    until: "7.2",
  },
  ...values(made, at("addr_trtype"), [
    ["tcp", "ok", "tcp"],
    ["rdma\n", "ok", "rdma"],
    ["TCP", "EINVAL", ""],
    ["tcp ", "EINVAL", ""],
  ]),
  ...values(made, at("addr_adrfam"), [
    ["ipv4", "ok", "ipv4"],
    ["ipv6", "ok", "ipv6"],
    ["pcie", "EINVAL", ""],
  ]),
  ...values(made, at("addr_traddr"), [
    ["10.0.0.1 junk\n", "ok", "10.0.0.1"],
    [" 10.0.0.2", "ok", "10.0.0.2"],
    ["anything", "ok", "anything"],
    ["\n", "ok", ""],
    ["a".repeat(257), "EINVAL", ""],
  ]),
  ...values(made, at("addr_trsvcid"), [
    ["4420\n", "ok", "4420"],
    ["notaport", "ok", "notaport"],
    ["1".repeat(33), "EINVAL", ""],
  ]),
  ...values(made, at("addr_treq"), [
    ["required", "ok", "required"],
    ["not required", "ok", "not required"],
    ["maybe", "EINVAL", "not specified"],
  ]),
  ...values(
    portToLink,
    at("addr_tsas"),
    [
      ["none", "ok", "none"],
      ["ssl", "EINVAL", "none"],
    ],
    { since: "6.8" },
  ),
  ...values(portToLink, at("addr_tsas"), [["tls1.3", "ok", "tls1.3"]], { needs: "tls" }),
  {
    says: "TLS is required of hosts",
    given: portToLink,
    when: write(at("addr_tsas"), "tls1.3"),
    gives: "ok",
    shows: { [at("addr_treq")]: "required" },
    needs: "tls",
  },
  {
    says: "TLS is not left open to hosts",
    given: portWith({ addr_tsas: "tls1.3" }),
    when: write(at("addr_treq"), "not specified"),
    gives: "EINVAL",
    needs: "tls",
  },
  {
    says: "a security of a port without a transport",
    given: made,
    when: write(at("addr_tsas"), "none"),
    gives: "EINVAL",
    since: "6.8",
  },
  ...values(made, at("param_inline_data_size"), [
    ["8192", "ok", "8192"],
    ["x", "EINVAL", "-1"],
  ]),
];
