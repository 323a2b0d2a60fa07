import type { Attribute, Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { firstWord, int, oneOf, parseBool, parseIn, u8, u16 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import { type Address, type AnaGroup, anaStates, type Port, type Referral } from "./state.ts";

const longestTraddr = 256;
const longestTrsvcid = 32;
const requirements = ["not specified", "required", "not required"] as const;

interface Addressed {
  address: Address;
  enabled: boolean;
}

/** Even for the value that it has. */
function assertDisabled({ enabled }: Addressed): void {
  if (enabled) throw new Errno("EACCES", "Disable port before changing attribute");
}

function transports({ does }: Kernel): readonly string[] {
  return does.trtypePci ? ["rdma", "fc", "tcp", "loop", "pci"] : ["rdma", "fc", "tcp", "loop"];
}

function families({ does }: Kernel): readonly string[] {
  return [...["ipv4", "ipv6", "ib", "fc"], ...(does.adrfamLoop ? ["loop"] : []), ...(does.trtypePci ? ["pci"] : [])];
}

/** A field of the address, of a port or of a referral. */
function addressField(
  field: "trtype" | "adrfam" | "traddr" | "trsvcid",
  parse: (text: string, kernel: Kernel) => string,
): Attribute<Addressed, Nvmet> {
  return {
    show: ({ address }) => address[field],
    store: (owner, text, { kernel }) => {
      assertDisabled(owner);
      owner.address[field] = parse(text, kernel);
    },
  };
}

const addressAttributes: Attributes<Addressed, Nvmet> = {
  addr_adrfam: addressField("adrfam", (text, kernel) => oneOf(text, families(kernel))),
  addr_traddr: addressField("traddr", (text) => firstWord(text, longestTraddr)),
  addr_trsvcid: addressField("trsvcid", (text) => firstWord(text, longestTrsvcid)),
  addr_treq: {
    show: ({ address }) => address.treq,
    store: (owner, text) => {
      assertDisabled(owner);
      const treq = oneOf(text, requirements);
      if (treq === "not specified" && owner.address.tsas === "tls1.3") throw new Errno("EINVAL");
      owner.address.treq = treq;
    },
  },
  addr_trtype: {
    show: ({ address }) => address.trtype,
    store: (owner, text, { kernel }) => {
      assertDisabled(owner);
      owner.address.trtype = oneOf(text, transports(kernel));
      owner.address.tsas = owner.address.trtype === "tcp" ? "none" : "";
    },
  },
};

function parameter(
  field: "inlineDataSize" | "maxQueueSize" | "mdts",
  has: ((kernel: Kernel) => boolean) | undefined,
  range: { min: number; max: number } = int,
): Attribute<Port, Nvmet> {
  return {
    ...(has && { when: has }),
    show: (port) => String(port[field]),
    store: (port, text) => {
      assertDisabled(port);
      port[field] = parseIn(text, range);
    },
  };
}

export const portAttributes: Attributes<Port, Nvmet> = {
  ...addressAttributes,
  addr_tsas: {
    when: ({ does }) => does.tsas,
    show: ({ address }) => address.tsas,
    store: (port, text, { kernel }) => {
      assertDisabled(port);
      const { address } = port;
      if (address.trtype !== "tcp") throw new Errno("EINVAL");
      const tsas = oneOf(text, ["none", "tls1.3"]);
      if (tsas === "tls1.3" && !kernel.built.has("tls")) throw new Errno("EINVAL");
      address.tsas = tsas;
      address.treq = tsas === "tls1.3" ? "required" : "not specified";
    },
  },
  param_inline_data_size: parameter("inlineDataSize", undefined),
  param_max_queue_size: parameter("maxQueueSize", ({ does }) => does.maxQueueSize),
  param_mdts: parameter("mdts", ({ does }) => does.mdts, u8),
  param_pi_enable: {
    when: ({ does }) => does.portPi,
    show: ({ pi }) => (pi ? "1" : "0"),
    store: (port, text, { kernel }) => {
      const pi = parseBool(text, kernel);
      assertDisabled(port);
      port.pi = pi;
    },
  },
};

export const referralAttributes: Attributes<Referral, Nvmet> = {
  ...addressAttributes,
  addr_portid: {
    show: ({ portId }) => String(portId),
    store: (referral, text) => {
      assertDisabled(referral);
      referral.portId = parseIn(text, u16);
    },
  },
  enable: {
    show: ({ enabled }) => (enabled ? "1" : "0"),
    store: (referral, text, nvmet) => {
      const enabled = parseBool(text, nvmet.kernel);
      if (enabled === referral.enabled) return;
      referral.enabled = enabled;
      nvmet.discoveryChanged((port) => port === referral.port);
    },
  },
};

export const anaAttributes: Attributes<AnaGroup, Nvmet> = {
  ana_state: {
    show: ({ state }) => state,
    store: (group, text, nvmet) => {
      group.state = oneOf(text, anaStates);
      for (const subsystem of group.port.subsystems) nvmet.controllers.tell(subsystem);
    },
  },
};
