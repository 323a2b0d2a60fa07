import type { Attribute, Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { chomp, firstWord, int, invalid, oneOf, parseBool, parseInteger, u8, u16 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import { type Address, type AnaGroup, anaStates, type Port, type Referral } from "./state.ts";

const longestTraddr = 256;
const longestTrsvcid = 32;
/** What addr_tsas says once the transport is known. */
const defaultSecurity: Readonly<Record<string, string>> = { tcp: "none", rdma: "connected" };
const requirements = ["not specified", "required", "not required"] as const;

interface Addressed {
  address: Address;
  enabled: boolean;
  /** As hosts know it: of a port its own number, of a referral the other one's. */
  readonly portId: number;
}

/** Even for the value that it has. `attribute` is the file's name. */
function assertDisabled({ enabled, portId }: Addressed, { does }: Kernel, attribute: string): void {
  if (!enabled) return;
  if (does.portNamedInComplaints) {
    throw new Errno("EACCES", `Disable port '${portId}' before changing attribute in nvmet_${attribute}_store`);
  }
  const parameter = attribute.startsWith("param_");
  const what = parameter ? `${attribute.replace("param_", "")} while port enabled` : "address while enabled";
  const advice = `Disable the ${parameter ? "port" : "address"} before modifying`;
  throw new Errno("EACCES", `Cannot modify ${what}\n${advice}`);
}

function transports({ does }: Kernel): readonly string[] {
  return does.trtypePci ? ["rdma", "fc", "tcp", "loop", "pci"] : ["rdma", "fc", "tcp", "loop"];
}

function families({ does }: Kernel): readonly string[] {
  return [...["ipv4", "ipv6", "ib", "fc"], ...(does.adrfamLoop ? ["loop"] : []), ...(does.trtypePci ? ["pci"] : [])];
}

/** A field of the address, of a port or of a referral. */
function addressField(
  field: "trtype" | "adrfam",
  parse: (text: string, kernel: Kernel) => string,
): Attribute<Addressed, Nvmet> {
  return {
    show: ({ address }) => address[field],
    store: (owner, text, { kernel }) => {
      assertDisabled(owner, kernel, `addr_${field}`);
      owner.address[field] = parse(text, kernel);
    },
  };
}

/** Text of a fixed length, which is looked at before anything else. */
function textField(field: "traddr" | "trsvcid", most: number): Attribute<Addressed, Nvmet> {
  return {
    show: ({ address }) => address[field],
    store: (owner, text, { kernel }) => {
      if (Buffer.byteLength(text) > most) throw invalid(text, field);
      assertDisabled(owner, kernel, `addr_${field}`);
      owner.address[field] = firstWord(text);
    },
  };
}

const addressAttributes: Attributes<Addressed, Nvmet> = {
  addr_adrfam: addressField("adrfam", (text, kernel) => oneOf(text, families(kernel), "adrfam")),
  addr_traddr: textField("traddr", longestTraddr),
  addr_trsvcid: textField("trsvcid", longestTrsvcid),
  addr_treq: {
    show: ({ address }) => address.treq,
    store: (owner, text, nvmet) => {
      assertDisabled(owner, nvmet.kernel, "addr_treq");
      const treq = oneOf(text, requirements, "treq");
      const secured = owner.address.tsas === "tls1.3";
      if (treq === "not specified" && secured) throw new Errno("EINVAL");
      if (treq === "not required" && secured) nvmet.say("Allow non-TLS connections while TLS1.3 is enabled");
      owner.address.treq = treq;
    },
  },
  addr_trtype: {
    show: ({ address }) => address.trtype,
    store: (owner, text, { kernel }) => {
      assertDisabled(owner, kernel, "addr_trtype");
      owner.address.trtype = oneOf(text, transports(kernel), "trtype");
      owner.address.tsas = defaultSecurity[owner.address.trtype] ?? "";
    },
  },
};

function parameter(
  field: "inlineDataSize" | "maxQueueSize" | "mdts",
  name: string,
  has: ((kernel: Kernel) => boolean) | undefined,
  range: { min: number; max: number } = int,
): Attribute<Port, Nvmet> {
  return {
    ...(has && { when: has }),
    show: (port) => String(port[field]),
    store: (port, text, { kernel }) => {
      assertDisabled(port, kernel, `param_${name}`);
      port[field] = parseNamed(text, range, name);
    },
  };
}

/** A number, or what nvmet says of it. */
function parseNamed(text: string, range: { min: number; max: number }, name: string): number {
  try {
    return parseInteger(text, range);
  } catch {
    throw invalid(text, name);
  }
}

export const portAttributes: Attributes<Port, Nvmet> = {
  ...addressAttributes,
  addr_tsas: {
    when: ({ does }) => does.tsas,
    show: ({ address }) => address.tsas,
    store: (port, text, { kernel }) => {
      assertDisabled(port, kernel, "addr_tsas");
      const { address } = port;
      if (address.trtype === "rdma" && chomp(text) === address.tsas) return;
      if (address.trtype !== "tcp") throw new Errno("EINVAL");
      const tsas = oneOf(text, ["none", "tls1.3"], "tsas");
      if (tsas === "tls1.3" && !kernel.built.has("tls")) throw new Errno("EINVAL", "TLS is not supported");
      address.tsas = tsas;
      if (tsas === "none") address.treq = "not specified";
      else if (address.treq === "not specified") address.treq = "required";
    },
  },
  param_inline_data_size: parameter("inlineDataSize", "inline_data_size", undefined),
  param_max_queue_size: parameter("maxQueueSize", "max_queue_size", ({ does }) => does.maxQueueSize),
  param_mdts: parameter("mdts", "mdts", ({ does }) => does.mdts, u8),
  param_pi_enable: {
    when: ({ does, built }) => does.portPi && built.has("integrity"),
    show: ({ pi }) => (pi ? "1" : "0"),
    store: (port, text, { kernel }) => {
      const pi = parseBool(text, kernel);
      if (port.enabled && !kernel.does.portNamedInPiComplaint) {
        throw new Errno("EACCES", "Disable port before setting pi_enable value.");
      }
      assertDisabled(port, kernel, "param_pi_enable");
      port.pi = pi;
    },
  },
};

export const referralAttributes: Attributes<Referral, Nvmet> = {
  ...addressAttributes,
  addr_portid: {
    show: ({ portId }) => String(portId),
    store: (referral, text, { kernel }) => {
      const id = parseNamed(text, u16, "portid");
      assertDisabled(referral, kernel, "addr_portid");
      referral.portId = id;
    },
  },
  enable: {
    show: ({ enabled }) => (enabled ? "1" : "0"),
    store: (referral, text, nvmet) => {
      const enabled = parseEnable(text, nvmet.kernel);
      if (enabled === referral.enabled) return;
      referral.enabled = enabled;
      nvmet.discoveryChanged((port) => port === referral.port);
    },
  },
};

function parseEnable(text: string, kernel: Kernel): boolean {
  try {
    return parseBool(text, kernel);
  } catch {
    throw invalid(text, "enable");
  }
}

export const anaAttributes: Attributes<AnaGroup, Nvmet> = {
  ana_state: {
    show: ({ state }) => state,
    store: (group, text, nvmet) => {
      group.state = oneOf(text, anaStates, "ana_state");
      for (const subsystem of group.port.subsystems) nvmet.controllers.tell(subsystem);
    },
  },
};
