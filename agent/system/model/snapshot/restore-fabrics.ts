import { nqnOfUuid } from "../../../../shared/nvme/nqn.ts";
import type { Secret } from "../../../../shared/secret.ts";
import type { FabricsController, FabricsNamespace, FabricsSubsystem, ObservedHost } from "../../../observe/observed.ts";
import type { Connected, NamespaceView } from "../fabric/messages.ts";
import { type ControllerState, HostController } from "../host/controller.ts";
import type { ConnectSettings } from "../host/options.ts";
import { type Head, HostSubsystem, noId } from "../host/subsystem.ts";
import type { Machine } from "../machine.ts";
import type { CapturedFiles } from "./capture-fabrics.ts";
import type { Snapshot } from "./snapshot.ts";

const states: readonly ControllerState[] = ["new", "live", "resetting", "connecting", "deleting", "dead"];

/** Puts the controllers, subsystems and disks that were found into the initiator, as they were. */
export function restoreFabrics(machine: Machine, { seen, fabrics }: Snapshot): void {
  const show = (thing: object, name: string) => {
    const files: CapturedFiles | undefined = fabrics.files[name];
    if (files === undefined) return;
    const lines = Object.entries(files.texts).map(([file, text]) => [file, `${text}\n`]);
    machine.found.set(thing, { names: new Set(files.names), texts: Object.fromEntries(lines) });
  };
  for (const each of seen.fabrics.subsystems) {
    const controllers = new Map(
      each.controllers.map((controller) => {
        const made = controllerOf(machine, each, controller, seen.host);
        machine.initiator.controllers.set(made.instance, made);
        show(made, controller.name);
        return [controller.name, made] as const;
      }),
    );
    if (each.name === "") continue;
    const subsystem = subsystemOf(machine, each, fabrics.files);
    machine.initiator.subsystems.add(subsystem);
    show(subsystem, each.name);
    for (const controller of controllers.values()) {
      subsystem.controllers.add(controller);
      controller.subsystem = subsystem;
    }
    for (const namespace of each.namespaces) {
      const head = headOf(subsystem, namespace);
      if (subsystem.multipath) show(head, namespace.name);
      for (const { controller: name, anaState, anaGroup } of namespace.paths) {
        const controller = controllers.get(name);
        if (controller === undefined) continue;
        const path = { controller, view: { ...viewOf(namespace), anaState, anaGroup: Number(anaGroup) || 0 } };
        head.paths.set(controller, path);
        show(path, subsystem.pathName(head, controller));
      }
      for (const by of fabrics.holders[namespace.name] ?? []) machine.uses.hold(namespace.name, by);
    }
  }
}

function subsystemOf(machine: Machine, each: FabricsSubsystem, files: Readonly<Record<string, CapturedFiles>>) {
  const { names = [], texts = {} } = files[each.name] ?? {};
  const told = {
    nqn: each.nqn,
    serial: texts.serial ?? "",
    model: texts.model ?? "",
    firmware: texts.firmware_rev ?? "",
    kind: texts.subsystype === "discovery" ? ("discovery" as const) : ("nvm" as const),
  };
  const own = each.namespaces.some(({ name }) => names.includes(name));
  const multipath =
    own || (each.namespaces.length === 0 && machine.modules.parameter("nvme_core", "multipath") !== "N");
  const subsystem = new HostSubsystem(instanceOf(each.name), told, {
    multipath,
    namesByCntlid: !machine.kernel.does.subsystemNamedByController,
  });
  subsystem.ioPolicy = each.iopolicy ?? subsystem.ioPolicy;
  return subsystem;
}

function controllerOf(
  machine: Machine,
  { nqn }: FabricsSubsystem,
  controller: FabricsController,
  host: ObservedHost,
): HostController {
  const { attributes, keys } = controller;
  const secrets = { secret: reveal(keys?.dhchap_secret), ctrlSecret: reveal(keys?.dhchap_ctrl_secret) };
  const number = (name: string, otherwise: number) => {
    const text = attributes[name];
    return text === undefined ? otherwise : text === "off" ? -1 : Number(text);
  };
  const settings: ConnectSettings = {
    transport: controller.transport,
    nqn,
    traddr: controller.address,
    trsvcid: controller.serviceId,
    hostnqn: controller.hostnqn,
    hostid: controller.hostid,
    hostTraddr: controller.hostAddress,
    hostIface: controller.hostInterface,
    queueSize: number("sqsize", 127) + 1,
    ioQueues: number("queue_count", 1) - 1,
    reconnectDelay: number("reconnect_delay", 10),
    ctrlLossTmo: number("ctrl_loss_tmo", 600),
    fastIoFailTmo: number("fast_io_fail_tmo", -1),
    keepAlive: number("kato", 5),
    duplicate: false,
    discovery: attributes.cntrltype === "discovery" ? "flag" : undefined,
    ...secrets,
    tls: false,
  };
  // Before 5.10 sysfs does not say who connected: taken to be the node itself.
  const hostid = controller.hostid ?? host.hostid ?? noId;
  const pair = { nqn: controller.hostnqn ?? host.hostnqn ?? nqnOfUuid(hostid), id: hostid };
  const made = new HostController(machine.initiator, instanceOf(controller.name), settings, pair);
  const info: Connected = {
    is: "connected",
    cntlid: Number(controller.cntlid) || 0,
    kind: settings.discovery === undefined ? "io" : "discovery",
    tellsType: attributes.cntrltype !== "reserved",
    serial: attributes.serial ?? "",
    model: attributes.model ?? "",
    firmware: attributes.firmware_rev ?? "",
    queues: settings.ioQueues,
    queueSize: settings.queueSize,
    namespaces: [],
  };
  // A state that the model has no word for is one without a connection.
  made.restore(states.find((state) => state === controller.state) ?? "deleting", info);
  return made;
}

function reveal(secret: Secret | undefined): string | undefined {
  return secret?.reveal();
}

/** Without multipath, several disks are one namespace: each a path of it. */
function headOf(subsystem: HostSubsystem, namespace: FabricsNamespace): Head {
  const instance = Number(/n(\d+)$/.exec(namespace.name)?.[1] ?? 1);
  const known = subsystem.multipath ? undefined : [...subsystem.heads].find((head) => head.instance === instance);
  if (known !== undefined) return known;
  const { nsid, uuid, nguid, size } = viewOf(namespace);
  const head: Head = { instance, nsid, uuid, nguid, size, paths: new Map(), waiting: new Set() };
  subsystem.heads.add(head);
  return head;
}

/** The kernel shows the nguid as the uuid where there is no other. */
function viewOf({ nsid, uuid, nguid, size }: FabricsNamespace): NamespaceView {
  const own = uuid === nguid ? "" : uuid;
  return { nsid, uuid: own || noId, nguid: nguid || noId, size, anaGroup: 1, anaState: "optimized" };
}

/** 1 of nvme1 and of nvme-subsys1. */
function instanceOf(name: string): number {
  return Number(/(\d+)$/.exec(name)?.[1] ?? 0);
}
