import type {
  Attributes,
  Drive,
  FabricsController,
  FabricsNamespace,
  FabricsSubsystem,
  Observed,
  ObservedKernel,
  ObservedNamespace,
  ObservedNvmet,
  ObservedNvmetHost,
  ObservedPort,
  ObservedSubsystem,
} from "../../agent/observe/observed.ts";
import type { InterfaceAddress } from "../../agent/system/system.ts";
import { Secret } from "../../shared/secret.ts";

/** Builders of observations: a node with everything loaded that has nothing yet, and what can be added to it. */

const usual = ["nvmet", "nvmet_tcp", "nvme_tcp", "nvme_fabrics", "configfs"];

interface Parts extends Partial<Omit<Observed, "nvmet" | "kernel" | "addresses">> {
  nvmet?: Partial<ObservedNvmet>;
  kernel?: Partial<ObservedKernel>;
  addresses?: readonly string[];
  subsystems?: readonly FabricsSubsystem[];
}

export function seen({ nvmet, kernel, addresses = ["10.0.0.1"], subsystems, ...parts }: Parts = {}): Observed {
  return {
    kernel: {
      release: "6.12.0",
      modules: new Set(usual),
      available: new Set([...usual, "nvmet_rdma", "nvme_rdma"]),
      configfsMounted: true,
      ...kernel,
    },
    parameters: new Map(),
    host: {},
    addresses: addresses.map((address): InterfaceAddress => {
      const family = address.includes(":") ? "ipv6" : "ipv4";
      return { interface: "eth0", address, family, prefix: 24, mac: "52:54:00:00:00:01" };
    }),
    drives: [],
    sizes: new Map(),
    nvmet: {
      present: true,
      names: { hosts: (nvmet?.hosts ?? []).map(nqnOf), subsystems: (nvmet?.subsystems ?? []).map(nqnOf) },
      hosts: [],
      subsystems: [],
      ports: [],
      ...nvmet,
    },
    listeners: [],
    sessions: [],
    fabrics: { present: true, options: new Set(), subsystems: [...(subsystems ?? [])] },
    ...parts,
  };
}

const nqnOf = ({ nqn }: { nqn: string }) => nqn;

/** Nothing loaded yet, `available` in modules.dep. */
export function bare(available: readonly string[] = usual): Observed {
  return seen({
    kernel: { modules: new Set(), available: new Set(available), configfsMounted: false },
    nvmet: { present: false },
    fabrics: { present: false, options: new Set(), subsystems: [] },
  });
}

export function drive(name: string, more: Partial<Drive> = {}): Drive {
  const serial = more.serial ?? `S-${name}`;
  return {
    name,
    path: `/dev/${name}`,
    byId: [`/dev/disk/by-id/nvme-${serial}`],
    serial,
    model: "QEMU",
    wwid: `nvme.${serial}`,
    size: 1e9,
    readOnly: false,
    ...more,
  };
}

export function subsystem(
  nqn: string,
  more: Partial<ObservedSubsystem> & { hosts?: readonly string[] } = {},
): ObservedSubsystem {
  const { hosts = [], attributes, ...rest } = more;
  return {
    nqn,
    attributes: {
      attr_allow_any_host: "0",
      attr_serial: "S1",
      attr_model: "Linux",
      attr_cntlid_min: "1",
      attr_cntlid_max: "65519",
      attr_qid_max: "128",
      ...attributes,
    },
    allowedHosts: hosts.map((host) => ({ link: host, nqn: host })),
    namespaces: [],
    ...rest,
  };
}

export function namespace(nsid: number, attributes: Attributes = {}): ObservedNamespace {
  return {
    nsid,
    directory: String(nsid),
    attributes: {
      device_path: "/dev/nvme0n1",
      device_uuid: "11111111-aaaa-4bbb-8ccc-000000000001",
      device_nguid: "00000000-0000-0000-0000-000000000000",
      ana_grpid: "1",
      buffered_io: "0",
      enable: "1",
      ...attributes,
    },
  };
}

export function port(
  id: number,
  more: Partial<Omit<ObservedPort, "links">> & { links?: readonly string[] } = {},
): ObservedPort {
  const { links = [], attributes, ...rest } = more;
  return {
    id,
    directory: String(id),
    attributes: {
      addr_trtype: "tcp",
      addr_adrfam: "ipv4",
      addr_traddr: "10.0.0.1",
      addr_trsvcid: "4420",
      addr_treq: "not specified",
      param_inline_data_size: "16384",
      ...attributes,
    },
    links: links.map((nqn) => ({ link: nqn, nqn })),
    anaGroups: [{ id: 1, state: "optimized" }],
    referrals: [],
    ...rest,
  };
}

export function nvmetHost(
  nqn: string,
  keys: Readonly<Record<string, string | undefined>> | "no authentication" = {},
): ObservedNvmetHost {
  if (keys === "no authentication") return { nqn, attributes: {}, keys: {} };
  const all = { dhchap_key: undefined, dhchap_ctrl_key: undefined, ...keys };
  return {
    nqn,
    attributes: { dhchap_hash: "hmac(sha256)", dhchap_dhgroup: "null" },
    keys: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, value === undefined ? undefined : new Secret(value)]),
    ),
  };
}

export function controller(name: string, more: Partial<FabricsController> = {}): FabricsController {
  return {
    name,
    state: "live",
    transport: "tcp",
    address: "10.0.0.1",
    serviceId: "4420",
    hostnqn: "nqn.host",
    hostid: "11111111-2222-4333-8444-555555555555",
    cntlid: "1",
    attributes: { ctrl_loss_tmo: "off", reconnect_delay: "10", fast_io_fail_tmo: "off" },
    ...more,
  };
}

export function disk(name: string, more: Partial<FabricsNamespace> = {}): FabricsNamespace {
  return {
    name,
    path: `/dev/${name}`,
    nsid: 1,
    uuid: "11111111-aaaa-4bbb-8ccc-000000000001",
    nguid: "",
    wwid: "uuid.11111111-aaaa-4bbb-8ccc-000000000001",
    size: 1e9,
    readOnly: false,
    paths: [],
    ...more,
  };
}

export function connected(nqn: string, more: Partial<FabricsSubsystem> = {}): FabricsSubsystem {
  return {
    name: "nvme-subsys1",
    nqn,
    iopolicy: "numa",
    controllers: [controller("nvme1")],
    namespaces: [disk("nvme1n1")],
    ...more,
  };
}
