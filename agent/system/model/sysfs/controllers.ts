import type { Drive } from "../drives.ts";
import { Errno } from "../errno.ts";
import { type Directory, type Entry, type File, lazily, line, link } from "../files/entry.ts";
import { type HostController, reconnectsFor } from "../host/controller.ts";
import { int, parseIn, u32 } from "../parse.ts";
import type { Kernel } from "../versions.ts";

const serialLength = 20;
const modelLength = 40;

/** An attribute that does something when anything is written, and cannot be read. */
function action(run: () => void | Promise<void>): File {
  return { kind: "file", write: () => run() };
}

function tunable(show: () => string | number, store: (text: string) => void | Promise<void>): File {
  return { kind: "file", read: () => `${show()}\n`, write: store };
}

function orOff(seconds: number): string {
  return seconds < 0 ? "off" : String(seconds);
}

/** /sys/devices/virtual/nvme-fabrics/ctl/nvme<C>: its attributes, and the disks `paths` below it. */
export function fabricsController(
  controller: HostController,
  kernel: Kernel,
  paths: Readonly<Record<string, Entry>>,
): Directory {
  const { does } = kernel;
  const authenticates = does.optionDhchap && kernel.built.has("auth");
  const only = <E extends Entry>(has: boolean, entry: E) => (has ? entry : undefined);
  return lazily(() => ({
    address: line(() => addressOf(controller, kernel)),
    cntlid: line(() => controller.info?.cntlid ?? 0),
    cntrltype: only(
      does.controllerType,
      line(() => typeOf(controller)),
    ),
    ctrl_loss_tmo: only(does.hostIdentity, lossTimeout(controller)),
    dctype: only(
      does.controllerType,
      line(() => "none"),
    ),
    delete_controller: action(() => controller.remove()),
    dhchap_ctrl_secret: only(authenticates, secretFile(controller, "ctrlSecret")),
    dhchap_secret: only(authenticates, secretFile(controller, "secret")),
    fast_io_fail_tmo: only(
      does.controllerType,
      tunable(
        () => orOff(controller.fastIoFailTmo),
        (text) => {
          controller.fastIoFailTmo = Math.max(-1, parseIn(text, int));
        },
      ),
    ),
    firmware_rev: line(() => controller.info?.firmware ?? ""),
    hostid: only(
      does.hostIdentity,
      line(() => controller.host.id),
    ),
    hostnqn: only(
      does.hostIdentity,
      line(() => controller.host.nqn),
    ),
    kato: only(
      does.controllerType,
      line(() => controller.settings.keepAlive),
    ),
    model: line(() => (controller.info?.model ?? "").padEnd(modelLength)),
    numa_node: line(() => (does.hostIdentity ? -1 : 0)),
    queue_count: only(
      does.queueCount,
      line(() => queuesOf(controller)),
    ),
    reconnect_delay: only(
      does.hostIdentity,
      tunable(
        () => controller.reconnectDelay,
        (text) => {
          controller.reconnectDelay = parseIn(text, u32);
        },
      ),
    ),
    rescan_controller: action(() => controller.rescan()),
    reset_controller: action(() => controller.reset()),
    serial: line(() => (controller.info?.serial ?? "").padEnd(serialLength)),
    sqsize: only(
      does.queueCount,
      line(() => queueSizeOf(controller) - 1),
    ),
    state: line(() => controller.state),
    subsysnqn: line(() => controller.settings.nqn),
    subsystem: link("../../../../../class/nvme"),
    tls_key: only(
      does.tlsKey && controller.settings.tls,
      line(() => "none"),
    ),
    transport: line(() => controller.settings.transport),
    uevent: line(() => `DEVNAME=${controller.name}\nNVME_TRTYPE=${controller.settings.transport}`),
    ...paths,
  }));
}

function addressOf({ settings, source }: HostController, { does }: Kernel): string {
  const parts = { traddr: settings.traddr, trsvcid: settings.trsvcid };
  const optional = {
    host_traddr: settings.hostTraddr,
    host_iface: settings.hostIface,
    src_addr: does.srcAddr ? source : undefined,
  };
  return Object.entries({ ...parts, ...optional })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
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

function secretFile(controller: HostController, field: "secret" | "ctrlSecret"): File {
  return tunable(
    () => controller[field] ?? "none",
    async (text) => {
      const secret = text.trim();
      if (controller[field] === undefined || !secret.startsWith("DHHC-1:")) throw new Errno("EINVAL");
      if (secret === controller[field]) return;
      await controller.rekey(field === "secret" ? { secret } : { ctrlSecret: secret });
    },
  );
}

/** /sys/devices/pci0000:00/<address>/nvme/nvme<C>, with its disk below. */
export function pciController(drive: Drive, kernel: Kernel, disk: Entry): Directory {
  const { does } = kernel;
  return lazily(() => ({
    address: line(() => drive.pciAddress),
    cntlid: line(() => 0),
    cntrltype: does.controllerType ? line(() => "io") : undefined,
    device: link(`../../../${drive.pciAddress}`),
    firmware_rev: line(() => "1.0     "),
    model: line(() => drive.model.padEnd(modelLength)),
    numa_node: line(() => -1),
    queue_count: does.queueCount ? line(() => 3) : undefined,
    reset_controller: action(() => {}),
    serial: line(() => drive.serial.padEnd(serialLength)),
    state: line(() => "live"),
    subsysnqn: line(() => `nqn.2019-08.org.qemu:${drive.serial}`),
    subsystem: link("../../../../../class/nvme"),
    transport: line(() => "pcie"),
    uevent: line(() => `DEVNAME=${drive.controller}\nNVME_TRTYPE=pcie`),
    [drive.name]: disk,
  }));
}
