import type { Row } from "../row.ts";
import { link, mkdir, rmdir, unlink, write } from "./acts.ts";
import { B, H, hosts, linked, nqn, P, port, portLink, portToLink, S, subsystem } from "./states.ts";

const at = (name: string) => `${P}/${name}`;
const made = [mkdir(P)];
const enableFails = { [at("subsystems")]: "" };
const dial = { act: "dial", address: "127.0.0.1", port: 4420 } as const;

/** A port that differs in some attributes from one that can be enabled. */
const portWith = (attributes: Record<string, string>) => [
  ...portToLink,
  ...Object.entries(attributes).map(([name, value]) => write(at(name), value)),
];
/** Another port beside an enabled one. */
const besides = (traddr: string, trsvcid = "4420") => [...linked, ...port(2, trsvcid, traddr)];
const linkOther = link(`ports/2/subsystems/${nqn}`, S);

/** The first link enables a port, the last unlink disables it (drivers/nvme/target/core.c, tcp.c). */
export const portLinkRows: readonly Row[] = [
  {
    says: "the first link enables a port",
    given: portToLink,
    when: link(portLink, S),
    gives: "ok",
    shows: { [portLink]: `../../../../nvmet/subsystems/${nqn}` },
  },
  { says: "an enabled port takes connections", given: linked, when: dial, gives: "ok" },
  { says: "a port without links does not listen", given: portToLink, when: dial, gives: "ECONNREFUSED" },
  {
    says: "a link to a blank port",
    given: [...subsystem, ...made],
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port with a transport alone",
    given: [...subsystem, ...made, write(at("addr_trtype"), "tcp")],
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port without a service id",
    given: portWith({ addr_trsvcid: "\n" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port whose service id is text",
    given: portWith({ addr_trsvcid: "notaport" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port whose service id is too large",
    given: portWith({ addr_trsvcid: "65536" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "service id 0 is any free port",
    given: portWith({ addr_trsvcid: "0" }),
    when: link(portLink, S),
    gives: "ok",
    shows: { [at("addr_trsvcid")]: "0" },
  },
  {
    says: "a link to a port with a host name",
    given: portWith({ addr_traddr: "localhost" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to an ipv4 port with an IPv6 address",
    given: portWith({ addr_traddr: "::1" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port with another machine's address",
    given: portWith({ addr_traddr: "192.0.2.55" }),
    when: link(portLink, S),
    gives: "EADDRNOTAVAIL",
    shows: enableFails,
  },
  {
    says: "a port that could not be bound has its inline data size all the same",
    given: portWith({ addr_traddr: "192.0.2.55" }),
    when: link(portLink, S),
    gives: "EADDRNOTAVAIL",
    shows: { [at("param_inline_data_size")]: "16384" },
  },
  {
    says: "a link to a port with protection information",
    given: portWith({ param_pi_enable: "1" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
  },
  {
    says: "a link to a port for loop, where that is not built",
    given: portWith({ addr_trtype: "loop" }),
    when: link(portLink, S),
    gives: "EINVAL",
    shows: enableFails,
    lacks: "loop",
  },
  {
    says: "a link to a port for loop",
    given: portWith({ addr_trtype: "loop" }),
    when: link(portLink, S),
    gives: "ok",
    shows: { [at("param_inline_data_size")]: "0" },
    needs: "loop",
  },
  {
    says: "two ports at one address",
    given: besides("127.0.0.1"),
    when: linkOther,
    gives: "EADDRINUSE",
    shows: { "ports/2/subsystems": "" },
  },
  {
    says: "a port at every address beside one of them",
    given: besides("0.0.0.0"),
    when: linkOther,
    gives: "EADDRINUSE",
  },
  { says: "a port at another address", given: besides("127.0.0.2"), when: linkOther, gives: "ok" },
  { says: "a port with another service id", given: besides("127.0.0.1", "4421"), when: linkOther, gives: "ok" },
  { says: "a port with IPv6", given: besides("::1"), when: linkOther, gives: "ok" },
  {
    says: "a subsystem is linked once, whatever the link is called",
    given: linked,
    when: link(at("subsystems/other"), S),
    gives: "EEXIST",
  },
  {
    says: "another subsystem on an enabled port",
    given: [...linked, mkdir(B)],
    when: link(at("subsystems/b"), B),
    gives: "ok",
  },
  {
    says: "a host is no subsystem to link",
    given: [...portToLink, ...hosts],
    when: link(at("subsystems/h"), H),
    gives: "EINVAL",
  },
  {
    says: "a group of a subsystem is no subsystem to link",
    given: portToLink,
    when: link(at("subsystems/n"), `${S}/namespaces`),
    gives: "EINVAL",
  },
  ...["addr_trtype", "addr_adrfam", "addr_traddr", "addr_trsvcid"].map((name): Row => {
    const same: Record<string, string> = {
      addr_trtype: "tcp",
      addr_adrfam: "ipv4",
      addr_traddr: "127.0.0.1",
      addr_trsvcid: "4420",
    };
    return {
      says: `${name} of an enabled port, even to the same value`,
      given: linked,
      when: write(at(name), same[name] ?? ""),
      gives: "EACCES",
    };
  }),
  {
    says: "addr_trtype of an enabled port is not even looked at",
    given: linked,
    when: write(at("addr_trtype"), "bogus"),
    gives: "EACCES",
  },
  {
    says: "param_inline_data_size of an enabled port",
    given: linked,
    when: write(at("param_inline_data_size"), "8192"),
    gives: "EACCES",
  },
  {
    says: "param_pi_enable of an enabled port is looked at first",
    given: linked,
    when: write(at("param_pi_enable"), "bogus"),
    gives: "EINVAL",
  },
  {
    says: "an enabled port knows its inline data size",
    given: portToLink,
    when: link(portLink, S),
    gives: "ok",
    shows: { [at("param_inline_data_size")]: "16384" },
  },
  {
    says: "a queue size is cut at 1024 when a port is enabled",
    given: portWith({ param_max_queue_size: "5000" }),
    when: link(portLink, S),
    gives: "ok",
    shows: { [at("param_max_queue_size")]: "1024" },
    since: "6.11",
  },
  {
    says: "the last unlink disables a port, which keeps its inline data size",
    given: linked,
    when: unlink(portLink),
    gives: "ok",
    shows: { [at("param_inline_data_size")]: "16384", [at("subsystems")]: "" },
  },
  { says: "a disabled port does not listen", given: [...linked, unlink(portLink)], when: dial, gives: "ECONNREFUSED" },
  {
    says: "a disabled port takes another address",
    given: [...linked, unlink(portLink)],
    when: write(at("addr_traddr"), "127.0.0.2"),
    gives: "ok",
  },
  {
    says: "a disabled port is enabled again",
    given: [...linked, unlink(portLink)],
    when: link(portLink, S),
    gives: "ok",
  },
  { says: "a port with a link is not removed", given: linked, when: rmdir(P), gives: "ENOTEMPTY" },
  {
    says: "a port without links is removed",
    given: [...linked, unlink(portLink)],
    when: rmdir(P),
    gives: "ok",
    shows: { ports: "" },
  },
];
