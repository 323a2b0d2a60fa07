import { familyOf } from "../../../../shared/nvme/address.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { Errno } from "../errno.ts";
import { int, parseIn, parseUuid } from "../parse.ts";
import type { Kernel } from "../versions.ts";

interface OptionRule {
  /** As the kernel lists it: `%s`, `%d`, or nothing for a flag. */
  takes: "%s" | "%d" | "";
  min?: number;
  max?: number;
  /** A text of at most this many bytes less one. */
  shorterThan?: number;
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
  nr_io_queues: { takes: "%d", min: 1 },
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
  tos: { takes: "%d", min: 0, max: 255, when: ({ does }) => does.optionTos },
  keyring: { takes: "%d", min: 0, when: ({ does, built }) => does.optionTls && built.has("tls") },
  tls_key: { takes: "%d", min: 0, when: ({ does, built }) => does.optionTls && built.has("tls") },
  fast_io_fail_tmo: { takes: "%d", when: ({ does }) => does.optionIface },
  discovery: { takes: "", when: ({ does }) => does.optionDiscovery },
  dhchap_secret: { takes: "%s", when: ({ does }) => does.optionDhchap },
  dhchap_ctrl_secret: { takes: "%s", when: ({ does }) => does.optionDhchap },
  tls: { takes: "", when: ({ does, built }) => does.optionTls && built.has("tls") },
  concat: { takes: "", when: ({ does }) => does.optionConcat },
};

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
    if (!supported || (rule.takes === "") !== (rest.length === 0)) throw new Errno("EINVAL", `unknown option ${name}`);
    const value = rest.join("=");
    check(rule, value);
    given.set(name, value);
  }
  return settingsOf(given, kernel);
}

function check(rule: OptionRule, value: string): void {
  if (rule.takes === "%d") {
    const number = parseIn(value, int);
    if (number < (rule.min ?? int.min) || number > (rule.max ?? int.max)) throw new Errno("EINVAL");
  }
  if (rule.takes === "%s" && (value === "" || Buffer.byteLength(value) >= (rule.shorterThan ?? 4096))) {
    throw new Errno("EINVAL");
  }
}

function settingsOf(given: ReadonlyMap<string, string>, kernel: Kernel): ConnectSettings {
  const [transport, nqn, traddr] = ["transport", "nqn", "traddr"].map((name) => given.get(name));
  if (transport === undefined || nqn === undefined || traddr === undefined) throw new Errno("EINVAL");
  const number = (name: string, otherwise: number) => {
    const value = given.get(name);
    return value === undefined ? otherwise : parseIn(value, int);
  };
  const discovery = nqn === discoveryNqn ? "well-known" : given.has("discovery") ? "flag" : undefined;
  if (discovery && given.has("keep_alive_tmo") && !kernel.does.discoveryKeepAlive) throw new Errno("EINVAL");
  for (const name of ["dhchap_secret", "dhchap_ctrl_secret"]) {
    if (given.get(name)?.startsWith("DHHC-1:0") === false) throw new Errno("EINVAL", "Invalid DH-CHAP secret");
  }
  const hostid = given.get("hostid");
  return {
    transport,
    nqn,
    traddr,
    trsvcid: given.get("trsvcid") ?? defaultService,
    hostnqn: given.get("hostnqn"),
    hostid: hostid === undefined ? undefined : parseUuid(hostid),
    hostTraddr: given.get("host_traddr"),
    hostIface: given.get("host_iface"),
    queueSize: number("queue_size", 128),
    ioQueues: discovery ? 0 : queueCount(number),
    reconnectDelay: number("reconnect_delay", 10),
    ctrlLossTmo: number("ctrl_loss_tmo", 600),
    fastIoFailTmo: number("fast_io_fail_tmo", -1),
    keepAlive: number("keep_alive_tmo", discovery ? 0 : 5),
    duplicate: given.has("duplicate_connect") || discovery === "well-known",
    discovery,
    secret: given.get("dhchap_secret"),
    ctrlSecret: given.get("dhchap_ctrl_secret"),
    tls: given.has("tls"),
  };
}

function queueCount(number: (name: string, otherwise: number) => number): number {
  const sum = ["nr_write_queues", "nr_poll_queues"].reduce((total, name) => total + number(name, 0), 0);
  return Math.min(number("nr_io_queues", processors), processors) + sum;
}

/** Where a TCP connect goes. Throws EINVAL for what is no literal (nvme_tcp_alloc_ctrl). */
export function tcpEndpoint(traddr: string, trsvcid: string): { address: string; port: number } {
  if (familyOf(traddr) === undefined) throw new Errno("EINVAL", "malformed address passed");
  return { address: traddr, port: parseIn(trsvcid, { min: 0, max: 0xffff }) };
}
