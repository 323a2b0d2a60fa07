import {
  discoveryNqn,
  drive,
  host,
  hostid,
  key,
  nqn,
  otherDrive,
  otherHost,
  otherHostid,
  otherNqn,
  otherUuid,
  readOnlyDrive,
  uuid,
} from "../rows/states.ts";

/*
 * The small world of the walks: few things, so that a walk meets each of them in many states.
 */

/** Where walks keep their plain files. */
export const folder = "/run/flashfleet-walk";

export const subsystemNames = [nqn, otherNqn, "odd name"];
/** Refused, or no name that a host can say. */
export const oddSubsystemNames = [discoveryNqn, `nqn.2024-01.io.x:${"l".repeat(220)}`, `l${"x".repeat(255)}`];

export interface HostPair {
  hostnqn: string;
  hostid: string;
}

export const hostPairs: readonly HostPair[] = [
  { hostnqn: host, hostid },
  { hostnqn: otherHost, hostid: otherHostid },
  { hostnqn: "odd host", hostid: "31111111-2222-3333-4444-555555555555" },
];

export const nsids = ["1", "2", "5"];
export const oddNsids = ["05", "0x5", "+7", "0", "4294967294", "4294967295", "4294967296", "x", "-1"];
export const portIds = ["1", "2", "3"];
export const oddPortIds = ["0", "0x2", "65535", "65536", "x", "-1"];
export const anaGroupIds = ["2", "3"];
export const oddAnaGroupIds = ["0x2", "1", "0", "127", "128", "129", "x"];

/** Each in the form that a port takes. The last is not of this node. */
export const addresses = [
  { adrfam: "ipv4", traddr: "127.0.0.1" },
  { adrfam: "ipv4", traddr: "127.0.0.1" },
  { adrfam: "ipv6", traddr: "::1" },
  { adrfam: "ipv4", traddr: "0.0.0.0" },
  { adrfam: "ipv6", traddr: "::" },
  { adrfam: "ipv4", traddr: "192.0.2.55" },
];
export const services = ["4420", "4420", "4421"];
/** What can be connected to. Not where nobody answers: that takes as long as TCP is patient. */
export const destinations = ["127.0.0.1", "127.0.0.1", "::1"];

export const chosenUuids = [uuid, otherUuid, "33333333-aaaa-4bbb-8ccc-000000000003"];
export const chosenSerials = ["FF01", "a serial of twenty c", "5eed0001"];
export const discoveryNqns = ["nqn.2024-01.io.x:discovery", "nqn.2024", discoveryNqn];
const nguid = "0123456789abcdef0123456789abcdef";

export const files = [`${folder}/one`, `${folder}/two`];
export const fileSizes = [0, 5000, 8192, 20480];
/** Never one that comes over fabrics: a target that waits for itself. */
const devices = [drive, otherDrive, drive, otherDrive, readOnlyDrive, ...files, "/dev/absent", "/dev/null", "/run"];

/** What is written to an attribute, by whether it is taken in a state where it can be. */
export interface Values {
  good: readonly string[];
  bad: readonly string[];
}

export type Table = Readonly<Record<string, Values>>;

const truths = ["0", "1", "y", "off", "on\n"];
const noTruths = ["2", "\n", " 1"];
const flags: Values = { good: truths, bad: noTruths };
const long = (length: number) => "m".repeat(length);

export const subsystemValues: Table = {
  attr_allow_any_host: flags,
  attr_serial: { good: [...chosenSerials, "FF01\n"], bad: ["\n", long(21), "é"] },
  attr_model: { good: ["A model", "Linux", long(40)], bad: ["\n", long(41), "\t"] },
  attr_version: { good: ["1.3", "1.4", "2.0.1", "1.3.0", "1.4junk"], bad: ["1", "x", "\n", ".3"] },
  attr_cntlid_min: {
    good: ["1", "100", "2000", " 5", "65537"],
    bad: ["0", "+5", "65519", "65520", "x", "65536", "-1"],
  },
  attr_cntlid_max: { good: ["65519", "3000", "30000\n"], bad: ["0", "50", "x", "65535", "131072"] },
  attr_pi_enable: { good: ["0", "n"], bad: noTruths },
  attr_qid_max: { good: ["128", "1", "5"], bad: ["0", "129", "x", "65537"] },
  attr_ieee_oui: { good: ["0x123456", "0", "077"], bad: ["0x1000000", "x", "-1", "4294967296"] },
  attr_firmware: { good: ["fw1", "12345678"], bad: ["123456789", "\n", "é"] },
  attr_vendor_id: { good: ["0x1af4", "7"], bad: ["x", "65536"] },
};

export const namespaceValues: Table = {
  device_path: { good: devices, bad: ["\n", "\nx"] },
  device_uuid: {
    good: [...chosenUuids, `${uuid.toUpperCase()}\n`, `${uuid}junk`],
    bad: ["x", uuid.replaceAll("-", ""), `{${uuid}}`, "\n"],
  },
  device_nguid: { good: [nguid, nguid.replace(/../g, "$&:"), "0".repeat(32)], bad: ["1111", "x", "\n"] },
  ana_grpid: { good: ["1", "2", "3", "0x2", "127"], bad: ["0", "129", "x", "-1"] },
  buffered_io: flags,
  revalidate_size: { good: ["1", "y"], bad: ["0", "x", "\n"] },
  resv_enable: flags,
  enable: flags,
};

const addressValues: Table = {
  addr_adrfam: { good: ["ipv4", "ipv6\n", "ib", "fc"], bad: ["pcie", "IPV4", "\n", "ipv4 "] },
  addr_traddr: { good: ["127.0.0.1", "127.0.0.1 junk\n", " ::1", "localhost", "\n"], bad: [long(257), long(4000)] },
  addr_trsvcid: { good: ["4420", "4421\n", "0", "04420", "0x1144", "notaport", "65536", "\n"], bad: [long(33)] },
  addr_treq: { good: ["required", "not required\n", "not specified"], bad: ["none", "\n"] },
};

export const portValues: Table = {
  ...addressValues,
  addr_trtype: { good: ["tcp", "tcp\n", "loop"], bad: ["TCP", "\n", "pcie", "tcp "] },
  addr_tsas: { good: ["none"], bad: ["tls1.2", "\n"] },
  param_inline_data_size: { good: ["8192", "16384", "-1", "0"], bad: ["x", "\n", "2147483648"] },
  param_max_queue_size: { good: ["16", "3", "5000", "-1", "128"], bad: ["x", "4294967296"] },
  param_pi_enable: { good: ["0", "1", "off"], bad: noTruths },
  param_mdts: { good: ["0", "5", "255"], bad: ["256", "x"] },
};

export const referralValues: Table = {
  ...addressValues,
  addr_trtype: { good: ["tcp", "rdma", "fc", "loop"], bad: ["TCP", "\n"] },
  addr_portid: { good: ["1", "0x7", "65535\n"], bad: ["65536", "x", "-1"] },
  enable: flags,
};

/** `change` is left out: see hazards.ts. */
export const anaValues: Table = {
  ana_state: {
    good: ["optimized", "non-optimized\n", "inaccessible", "persistent-loss", "optimized"],
    bad: ["foo", "\n", "optimized "],
  },
};

export const hostValues: Table = {
  dhchap_key: { good: [key, `${key}\n`], bad: ["foo", "\n", "DHHC-1:04:x:"] },
  dhchap_ctrl_key: { good: [key], bad: ["foo", "\n"] },
  dhchap_hash: { good: ["hmac(sha256)", "hmac(sha512)\n", "hmac(sha384)x"], bad: ["sha256", "none", "\n"] },
  dhchap_dhgroup: { good: ["null", "null\n"], bad: ["none", "ffdhe", "\n"] },
};

export const controllerValues: Table = {
  ctrl_loss_tmo: { good: [], bad: ["x", "\n"] },
  fast_io_fail_tmo: { good: ["10", "-1"], bad: ["x", "\n"] },
  rescan_controller: { good: ["1", "x"], bad: [] },
  state: { good: [], bad: ["live"] },
};
