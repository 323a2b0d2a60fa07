import type { Drive } from "../drives.ts";
import { Errno } from "../errno.ts";
import { type Directory, dynamic, type Entry, type File, fixed, line, link } from "../files/entry.ts";
import { assertKey } from "../host/authentication.ts";
import type { HostController } from "../host/controller.ts";
import { reconnectsFor } from "../host/options.ts";
import { wayOf } from "../host/uevents.ts";
import { int, parseIn, u32 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import { errorLog, powerDirectory } from "./common.ts";
import { type Row, tabled } from "./tabled.ts";

const serialLength = 20;
const modelLength = 40;
/** Of /dev/nvme<C>. The kernel gives out what is free at boot. */
const controllerMajor = 245;
/** Milliseconds (nvme_core.admin_timeout, io_timeout). */
const adminTimeout = 60_000;
const ioTimeout = 30_000;

interface Shown {
  controller: HostController;
  kernel: Kernel;
}

type ControllerRow = Row<Shown>;

/** What its subsystem was when it was found, whatever the target says of itself today. */
function identityOf({ subsystem, info }: HostController): { serial: string; model: string; firmware: string } {
  return subsystem ?? info ?? { serial: "", model: "", firmware: "" };
}

function shown(value: (controller: HostController, kernel: Kernel) => string | number): ControllerRow["make"] {
  return ({ controller, kernel }) => line(() => value(controller, kernel));
}

/** An attribute that does something when anything is written, and cannot be read. */
function action(run: (controller: HostController) => void | Promise<void>): ControllerRow["make"] {
  return ({ controller }) => ({ kind: "file", write: () => run(controller) });
}

function tunable(show: () => string | number, store: (text: string) => void | Promise<void>): File {
  return { kind: "file", read: () => `${show()}\n`, write: store };
}

function orOff(seconds: number): string {
  return seconds < 0 ? "off" : String(seconds);
}

const hasIdentity = ({ kernel }: Shown) => kernel.does.hostIdentity;
const hasType = ({ kernel }: Shown) => kernel.does.controllerType;
const hasQueues = ({ kernel }: Shown) => kernel.does.queueCount;
const hasKeys = ({ kernel }: Shown) => kernel.does.optionDhchap && kernel.built.has("auth");
const hasTls = ({ kernel, controller }: Shown) => kernel.does.tlsKey && controller.settings.tls;
const hasDiagnostics = ({ kernel }: Shown) => kernel.does.diagnostics;

/** nvme_dev_attrs of drivers/nvme/host/sysfs.c, and what the driver core adds. */
const rows: Readonly<Record<string, ControllerRow>> = {
  address: { make: shown(addressOf) },
  admin_timeout: { when: hasDiagnostics, make: shown(() => adminTimeout) },
  cntlid: { make: shown(({ info }) => info?.cntlid ?? 0) },
  cntrltype: { when: hasType, make: shown(typeOf) },
  ctrl_loss_tmo: { when: hasIdentity, make: ({ controller }) => lossTimeout(controller) },
  dctype: { when: hasType, make: shown(() => "none") },
  delete_controller: { make: action((controller) => controller.delete()) },
  dev: { make: shown(({ instance }) => `${controllerMajor}:${instance}`) },
  device: { make: () => link("../../ctl") },
  dhchap_ctrl_secret: { when: hasKeys, make: ({ controller }) => secretFile(controller, "ctrlSecret") },
  dhchap_secret: { when: hasKeys, make: ({ controller }) => secretFile(controller, "secret") },
  diag: { when: hasDiagnostics, make: () => fixed({ command_error_count: line(() => 0), reset_count: line(() => 0) }) },
  fast_io_fail_tmo: { when: hasType, make: ({ controller }) => failTimeout(controller) },
  firmware_rev: { make: shown((controller) => identityOf(controller).firmware) },
  hostid: { when: hasIdentity, make: shown(({ host }) => host.id) },
  hostnqn: { when: hasIdentity, make: shown(({ host }) => host.nqn) },
  io_timeout: { when: hasDiagnostics, make: shown(() => ioTimeout) },
  kato: { when: hasType, make: shown(({ keepAlive }) => keepAlive) },
  model: { make: shown((controller) => identityOf(controller).model.padEnd(modelLength)) },
  numa_node: { make: shown((_, { does }) => (does.hostIdentity ? -1 : 0)) },
  passthru_err_log_enabled: {
    when: ({ kernel }) => kernel.does.passthruErrorLog,
    make: ({ controller, kernel }) => errorLog(controller, kernel),
  },
  power: { make: powerDirectory },
  queue_count: { when: hasQueues, make: shown(queuesOf) },
  quirks: { when: hasDiagnostics, make: shown(() => "none") },
  reconnect_delay: { when: hasIdentity, make: ({ controller }) => reconnectDelay(controller) },
  rescan_controller: { make: action((controller) => controller.rescan()) },
  reset_controller: { make: action((controller) => controller.reset()) },
  serial: { make: shown((controller) => identityOf(controller).serial.padEnd(serialLength)) },
  sqsize: { when: hasQueues, make: shown((controller) => queueSizeOf(controller) - 1) },
  state: { make: shown(({ state }) => state) },
  subsysnqn: { make: shown(({ settings }) => settings.nqn) },
  subsystem: { make: () => link("../../../../../class/nvme") },
  tls_configured_key: { when: (of) => hasTls(of) && of.kernel.does.tlsConfiguredKey, make: shown(() => "none") },
  tls_key: { when: hasTls, make: shown(() => "none") },
  tls_keyring: { when: (of) => hasTls(of) && of.kernel.does.tlsConfiguredKey, make: shown(() => ".nvme") },
  transport: { make: shown(({ settings }) => settings.transport) },
  uevent: { make: shown(ueventOf) },
};

/** The sensor of a controller (hwmon.c): one temperature, as an nvmet controller reports none. */
function sensorDirectory(): Directory {
  return fixed({ name: line(() => "nvme"), temp1_input: line(() => 0), temp1_label: line(() => "Composite") });
}

/** /sys/devices/virtual/nvme-fabrics/ctl/nvme<C>: its attributes, and the disks `paths` below it. */
export function fabricsController(controller: HostController, kernel: Kernel, paths: Directory): Directory {
  const sensor = controller.sensor === undefined ? undefined : `hwmon${controller.sensor}`;
  const below = dynamic(
    () => [...(sensor === undefined ? [] : [sensor]), ...paths.list()],
    (name) => (name === sensor ? sensorDirectory() : paths.get(name)),
  );
  return tabled(rows, { controller, kernel }, below);
}

function ueventOf(controller: HostController, kernel: Kernel): string {
  const properties = { DEVNAME: controller.name, ...wayOf(controller, kernel) };
  return Object.entries({ MAJOR: controllerMajor, MINOR: controller.instance, ...properties })
    .map((each) => each.join("="))
    .join("\n");
}

function addressOf({ settings, source, state }: HostController, { does }: Kernel): string {
  const parts = {
    traddr: settings.traddr,
    trsvcid: settings.trsvcid,
    host_traddr: settings.hostTraddr,
    host_iface: settings.hostIface,
    src_addr: does.srcAddr && state === "live" ? source : undefined,
  };
  return Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map((each) => each.join("="))
    .join(",");
}

function typeOf({ info }: HostController): string {
  if (info?.tellsType === false) return "reserved";
  return info?.kind ?? "reserved";
}

/** With the admin queue. */
function queuesOf({ settings, info }: HostController): number {
  return 1 + Math.min(settings.ioQueues, info?.queues ?? 0);
}

function queueSizeOf({ settings, info }: HostController): number {
  return Math.min(settings.queueSize, info?.queueSize ?? settings.queueSize);
}

/** Kept as a number of attempts: what is read back is a multiple of the delay. */
function lossTimeout(controller: HostController): File {
  return tunable(
    () => orOff(controller.maxReconnects < 0 ? -1 : controller.maxReconnects * controller.reconnectDelay),
    (text) => {
      controller.maxReconnects = reconnectsFor(parseIn(text, int), controller.reconnectDelay);
    },
  );
}

function failTimeout(controller: HostController): File {
  return tunable(
    () => orOff(controller.fastIoFailTmo),
    (text) => {
      controller.fastIoFailTmo = Math.max(-1, parseIn(text, int));
    },
  );
}

function reconnectDelay(controller: HostController): File {
  return tunable(
    () => controller.reconnectDelay,
    (text) => {
      controller.reconnectDelay = parseIn(text, u32);
    },
  );
}

/** nvme_ctrl_dhchap_secret_store: the write returns before the controller has authenticated anew. */
function secretFile(controller: HostController, field: "secret" | "ctrlSecret"): File {
  return tunable(
    () => controller[field] ?? "none",
    (text) => {
      if (controller[field] === undefined || !text.startsWith("DHHC-1:")) throw new Errno("EINVAL");
      const secret = text.trim();
      assertKey(secret);
      controller.rekey(field === "secret" ? { secret } : { ctrlSecret: secret });
    },
  );
}

/** /sys/devices/pci0000:00/<address>/nvme/nvme<C>, with its disk below. */
export function pciController(drive: Drive, kernel: Kernel, disk: Entry): Directory {
  return tabled(pciRows, { drive, kernel }, fixed({ [drive.name]: disk }));
}

interface ShownDrive {
  drive: Drive;
  kernel: Kernel;
}

function ofDrive(value: (drive: Drive) => string | number): Row<ShownDrive>["make"] {
  return ({ drive }) => line(() => value(drive));
}

const pciRows: Readonly<Record<string, Row<ShownDrive>>> = {
  address: { make: ofDrive(({ pciAddress }) => pciAddress) },
  cntlid: { make: ofDrive(() => 0) },
  cntrltype: { when: ({ kernel }) => kernel.does.controllerType, make: ofDrive(() => "io") },
  dev: { make: ofDrive(({ instance }) => `${controllerMajor}:${instance}`) },
  device: { make: ({ drive }) => link(`../../../${drive.pciAddress}`) },
  firmware_rev: { make: ofDrive(() => "1.0     ") },
  model: { make: ofDrive(({ model }) => model.padEnd(modelLength)) },
  numa_node: { make: ofDrive(() => -1) },
  power: { make: powerDirectory },
  queue_count: { when: ({ kernel }) => kernel.does.queueCount, make: ofDrive(() => 3) },
  reset_controller: { make: () => ({ kind: "file", write: () => {} }) },
  serial: { make: ofDrive(({ serial }) => serial.padEnd(serialLength)) },
  state: { make: ofDrive(() => "live") },
  subsysnqn: { make: ofDrive(({ serial }) => `nqn.2019-08.org.qemu:${serial}`) },
  subsystem: { make: () => link("../../../../../class/nvme") },
  transport: { make: ofDrive(() => "pcie") },
  uevent: { make: ofDrive(({ controller }) => `DEVNAME=${controller}\nNVME_TRTYPE=pcie`) },
};
