import { familyOf } from "../../../../shared/nvme/address.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { Errno } from "../errno.ts";
import { int, parseIn, parseUuid, u16 } from "../parse.ts";
import type { Kernel } from "../versions.ts";

interface OptionRule {
  /** As the kernel lists it: `%s`, `%d`, or nothing for a flag. */
  takes: "%s" | "%d" | "";
  min?: number;
  max?: number;
  /** A text of at most this many bytes less one. */
  shorterThan?: number;
  /** What is logged of a number out of range, before the number. */
  complains?: string;
  when?(kernel: Kernel): boolean;
}

const nqnSize = 223;

/** opt_tokens of drivers/nvme/host/fabrics.c, in its order. */
const rules: Readonly<Record<string, OptionRule>> = {
  transport: { takes: "%s" },
  traddr: { takes: "%s" },
  trsvcid: { takes: "%s" },
  nqn: { takes: "%s", shorterThan: nqnSize },
  queue_size: { takes: "%d", min: 16, max: 1024 },
  nr_io_queues: { takes: "%d", min: 1, complains: "Invalid number of IOQs" },
  reconnect_delay: { takes: "%d", min: 1 },
  ctrl_loss_tmo: { takes: "%d" },
  keep_alive_tmo: { takes: "%d", min: 0 },
  hostnqn: { takes: "%s", shorterThan: nqnSize },
  host_traddr: { takes: "%s" },
  host_iface: { takes: "%s", when: ({ does }) => does.optionIface },
  hostid: { takes: "%s" },
  duplicate_connect: { takes: "" },
  disable_sqflow: { takes: "" },
  hdr_digest: { takes: "" },
  data_digest: { takes: "" },
  nr_write_queues: { takes: "%d", min: 1 },
  nr_poll_queues: { takes: "%d", min: 1 },
  tos: { takes: "%d", min: 0, max: 255, complains: "Invalid type of service", when: ({ does }) => does.optionTos },
  keyring: { takes: "%d", min: 0, when: ({ does, built }) => does.optionTls && built.has("tls") },
  tls_key: { takes: "%d", min: 0, when: ({ does, built }) => does.optionTls && built.has("tls") },
  fast_io_fail_tmo: { takes: "%d", when: ({ does }) => does.optionIface },
  discovery: { takes: "", when: ({ does }) => does.optionDiscovery },
  dhchap_secret: { takes: "%s", when: ({ does }) => does.optionDhchap },
  dhchap_ctrl_secret: { takes: "%s", when: ({ does }) => does.optionDhchap },
  tls: { takes: "", when: ({ does, built }) => does.optionTls && built.has("tls") },
  concat: { takes: "", when: ({ does }) => does.optionConcat },
};

/** Who connects: the pair that the settings name, or the node's own. */
export interface HostPair {
  nqn: string;
  id: string;
}

/** What a connect asks for, with the kernel's defaults. Times are seconds. */
export interface ConnectSettings {
  transport: string;
  nqn: string;
  traddr: string;
  trsvcid: string;
  hostnqn: string | undefined;
  hostid: string | undefined;
  hostTraddr: string | undefined;
  hostIface: string | undefined;
  queueSize: number;
  ioQueues: number;
  reconnectDelay: number;
  /** Negative: for ever. */
  ctrlLossTmo: number;
  fastIoFailTmo: number;
  keepAlive: number;
  duplicate: boolean;
  /** Whether the controller must be, or is expected to be, a discovery controller. */
  discovery: "flag" | "well-known" | undefined;
  secret: string | undefined;
  ctrlSecret: string | undefined;
  tls: boolean;
}

/** Processors of a model node: as many I/O queues are made unless fewer are asked for. */
const processors = 2;
/** IANA's port of NVMe/TCP discovery: the default where no service id is given. */
const defaultService = "8009";

/** What reading a fresh /dev/nvme-fabrics gives: every option of this kernel. Throws EINVAL before 5.19. */
export function listOptions(kernel: Kernel): string {
  if (!kernel.does.optionsReadable) throw new Errno("EINVAL");
  const supported = Object.entries(rules).filter(([, { when }]) => when === undefined || when(kernel));
  const patterns = supported.map(([name, { takes }]) => (takes === "" ? name : `${name}=${takes}`));
  return `instance=-1,cntlid=-1,${patterns.join(",")}\n`;
}

/** The line that is written to /dev/nvme-fabrics (nvmf_parse_options). Throws EINVAL. */
export function parseConnectLine(text: string, kernel: Kernel): ConnectSettings {
  const given = new Map<string, string>();
  for (const token of text.split(/[,\n]/).filter(Boolean)) {
    const [name = "", ...rest] = token.split("=");
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const supported = rule !== undefined && (rule.when === undefined || rule.when(kernel));
    const value = rest.join("=");
    // An empty text is none (match_strdup), as is a value of what takes none.
    if (!supported || (rule.takes === "") !== (rest.length === 0) || (rule.takes === "%s" && value === "")) {
      throw new Errno("EINVAL", `unknown parameter or missing value '${token}' in ctrl creation request`);
    }
    check(name, rule, value);
    given.set(name, value);
  }
  return settingsOf(given, kernel);
}

function check(name: string, rule: OptionRule, value: string): void {
  if (rule.takes === "%d") {
    const number = parseIn(value, int);
    const isIn = number >= (rule.min ?? int.min) && number <= (rule.max ?? int.max);
    if (!isIn) throw new Errno("EINVAL", `${rule.complains ?? `Invalid ${name}`} ${number}`);
  }
  const { shorterThan } = rule;
  if (shorterThan !== undefined && Buffer.byteLength(value) >= shorterThan) {
    throw new Errno("EINVAL", `${value} needs to be < ${shorterThan} bytes`);
  }
  if (name === "hostid") hostIdOf(value);
  if (name.startsWith("dhchap_") && !value.startsWith("DHHC-1:0")) {
    throw new Errno("EINVAL", `Invalid DH-CHAP secret ${value}`);
  }
}

function hostIdOf(text: string): string {
  try {
    return parseUuid(text);
  } catch (error) {
    throw error instanceof Errno ? new Errno(error.code, `Invalid hostid ${text}`) : error;
  }
}

function settingsOf(given: ReadonlyMap<string, string>, kernel: Kernel): ConnectSettings {
  const [transport, nqn, traddr] = ["transport", "nqn", "traddr"].map((name) => given.get(name));
  if (transport === undefined || nqn === undefined || traddr === undefined) {
    const missing = transport === undefined ? "transport" : nqn === undefined ? "nqn" : "traddr";
    throw new Errno("EINVAL", `missing parameter '${missing}=%s'`);
  }
  const number = (name: string, otherwise: number) => {
    const value = given.get(name);
    return value === undefined ? otherwise : parseIn(value, int);
  };
  const discovery = nqn === discoveryNqn ? "well-known" : given.has("discovery") ? "flag" : undefined;
  if (discovery && given.has("keep_alive_tmo") && !kernel.does.discoveryKeepAlive) throw new Errno("EINVAL");
  const hostid = given.get("hostid");
  return {
    transport,
    nqn,
    traddr,
    trsvcid: given.get("trsvcid") ?? defaultService,
    hostnqn: given.get("hostnqn"),
    hostid: hostid === undefined ? undefined : hostIdOf(hostid),
    hostTraddr: given.get("host_traddr"),
    hostIface: given.get("host_iface"),
    queueSize: number("queue_size", 128),
    ioQueues: discovery ? 0 : queueCount(number),
    reconnectDelay: number("reconnect_delay", 10),
    ctrlLossTmo: number("ctrl_loss_tmo", 600),
    fastIoFailTmo: number("fast_io_fail_tmo", -1),
    keepAlive: keepAliveOf(number, discovery !== undefined, kernel),
    duplicate: given.has("duplicate_connect") || discovery !== undefined,
    discovery,
    secret: given.get("dhchap_secret"),
    ctrlSecret: given.get("dhchap_ctrl_secret"),
    tls: given.has("tls"),
  };
}

/** Seconds (NVME_DEFAULT_KATO). A discovery controller begins without and has it once it came back. */
export const defaultKeepAlive = 5;

/** Seconds; 0 is none for a discovery controller alone, and on old kernels for all. */
function keepAliveOf(
  number: (name: string, otherwise: number) => number,
  isDiscovery: boolean,
  { does }: Kernel,
): number {
  const asked = number("keep_alive_tmo", isDiscovery ? 0 : defaultKeepAlive);
  return asked === 0 && !isDiscovery && does.ioKeepAliveAlways ? defaultKeepAlive : asked;
}

function queueCount(number: (name: string, otherwise: number) => number): number {
  const sum = ["nr_write_queues", "nr_poll_queues"].reduce((total, name) => total + number(name, 0), 0);
  return Math.min(number("nr_io_queues", processors), processors) + sum;
}

/** Where a TCP connect goes. Throws EINVAL for what is no literal (nvme_tcp_alloc_ctrl). */
export function tcpEndpoint(traddr: string, trsvcid: string): { address: string; port: number } {
  const malformed = () => new Errno("EINVAL", `malformed address passed: ${traddr}:${trsvcid}`);
  if (familyOf(traddr) === undefined) throw malformed();
  try {
    return { address: traddr, port: parseIn(trsvcid, u16) };
  } catch (error) {
    throw error instanceof Errno ? malformed() : error;
  }
}

/** How often it tries for so many seconds; -1: for ever. */
export function reconnectsFor(lossTmo: number, delay: number): number {
  if (lossTmo < 0) return -1;
  return delay === 0 ? lossTmo : Math.ceil(lossTmo / delay);
}
