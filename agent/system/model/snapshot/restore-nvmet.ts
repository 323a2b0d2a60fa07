import type { Secret } from "../../../../shared/secret.ts";
import { nvmetRoot } from "../../../observe/nvmet.ts";
import type { Attributes, ObservedNamespace, ObservedPort, ObservedSubsystem } from "../../../observe/observed.ts";
import { Item } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { walk } from "../files/walk.ts";
import type { Machine } from "../machine.ts";
import type { Nvmet } from "../nvmet/core.ts";
import { type Address, anaStates, Namespace, NvmetHost, Port, Referral, Subsystem } from "../nvmet/state.ts";
import type { Snapshot } from "./snapshot.ts";

type NvmetItem = Item<object, Nvmet>;

/** Builds the configfs tree of a target as it was found, with its state behind it; who listens comes apart (restore-network). */
export function restoreNvmet(machine: Machine, { seen, nvmet: found }: Snapshot, sessionsAt: (port: Port) => boolean) {
  if (!seen.nvmet.present) return;
  const root = itemAt(walk(machine.root, nvmetRoot, true).entry);
  const { nvmet } = machine;
  if (found.discoveryNqn !== undefined) {
    nvmet.discoveryNqn = found.discoveryNqn;
    assure(root, { discovery_nqn: found.discoveryNqn });
  }
  for (const { nqn, attributes, keys } of seen.nvmet.hosts) {
    const item = make(below(root, "hosts"), nqn);
    if (!(item.state instanceof NvmetHost)) continue;
    const reveal = (key: Secret | undefined) => key?.reveal() ?? "";
    item.state.key = reveal(keys.dhchap_key);
    item.state.ctrlKey = reveal(keys.dhchap_ctrl_key);
    item.state.hash = attributes.dhchap_hash ?? item.state.hash;
    item.state.dhgroup = attributes.dhchap_dhgroup ?? item.state.dhgroup;
    assure(item, attributes);
  }
  for (const each of seen.nvmet.subsystems) restoreSubsystem(machine, root, each, found.passthru[each.nqn]);
  for (const each of seen.nvmet.ports) restorePort(nvmet, root, each);
  // What a host was told at its first Identify can no longer change; that one is connected is the only sign of it.
  for (const port of nvmet.ports) {
    if (sessionsAt(port)) for (const subsystem of port.subsystems) subsystem.identified = true;
  }
}

function restoreSubsystem(
  machine: Machine,
  root: NvmetItem,
  { nqn, attributes, allowedHosts, namespaces }: ObservedSubsystem,
  passthru: Attributes | undefined,
): void {
  const item = make(below(root, "subsystems"), nqn);
  const { state } = item;
  if (!(state instanceof Subsystem)) return;
  state.allowAnyHost = attributes.attr_allow_any_host === "1";
  state.serial = attributes.attr_serial ?? state.serial;
  state.model = attributes.attr_model ?? state.model;
  state.version = attributes.attr_version ?? state.version;
  state.firmware = attributes.attr_firmware ?? state.firmware;
  state.cntlidMin = numberOr(attributes.attr_cntlid_min, state.cntlidMin);
  state.cntlidMax = numberOr(attributes.attr_cntlid_max, state.cntlidMax);
  state.qidMax = numberOr(attributes.attr_qid_max, state.qidMax);
  state.oui = numberOr(attributes.attr_ieee_oui, state.oui);
  state.vendorId = numberOr(attributes.attr_vendor_id, state.vendorId);
  state.subsysVendorId = numberOr(attributes.attr_subsys_vendor_id, state.subsysVendorId);
  state.pi = attributes.attr_pi_enable === "1";
  assure(item, attributes);
  for (const { link, nqn: host } of allowedHosts) {
    const target = tryBelow(below(root, "hosts"), host);
    if (!(target?.state instanceof NvmetHost)) continue;
    state.allowed.add(target.state);
    below(item, "allowed_hosts").restoreLink(link, target);
  }
  for (const each of namespaces) restoreNamespace(machine, below(item, "namespaces"), each);
  if (passthru === undefined) return;
  state.passthru.path = passthru.device_path === "(null)" ? undefined : passthru.device_path;
  state.passthru.enabled = passthru.enable === "1";
  state.passthru.adminTimeout = numberOr(passthru.admin_timeout, 0);
  state.passthru.ioTimeout = numberOr(passthru.io_timeout, 0);
  state.passthru.clearIds = numberOr(passthru.clear_ids, 0);
}

function restoreNamespace(machine: Machine, parent: NvmetItem, { directory, attributes }: ObservedNamespace): void {
  const item = make(parent, directory);
  const { state } = item;
  if (!(state instanceof Namespace)) return;
  const { device_path: path, ...others } = attributes;
  state.path = path === "" ? undefined : path;
  state.uuid = attributes.device_uuid ?? state.uuid;
  state.nguid = attributes.device_nguid ?? state.nguid;
  state.anaGroup = numberOr(attributes.ana_grpid, state.anaGroup);
  state.buffered = attributes.buffered_io === "1";
  state.p2pmem = attributes.p2pmem ?? state.p2pmem;
  state.reservations = attributes.resv_enable === "1";
  if (attributes.enable === "1") state.backing = backingOf(machine, state);
  assure(item, others);
}

/** It was opened when it was enabled; the path may lead nowhere now. */
function backingOf(machine: Machine, { path = "" }: Namespace): Namespace["backing"] {
  try {
    const { io, size } = machine.openBacking(path, false);
    return { io, size: size() };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const refuse = () => {
      throw new Errno("EIO");
    };
    return { io: { read: refuse, write: refuse }, size: 0 };
  }
}

function restorePort(
  nvmet: Nvmet,
  root: NvmetItem,
  { directory, attributes, links, anaGroups, referrals }: ObservedPort,
): void {
  const item = make(below(root, "ports"), directory);
  const { state } = item;
  if (!(state instanceof Port)) return;
  restoreAddress(state.address, attributes);
  state.inlineDataSize = numberOr(attributes.param_inline_data_size, state.inlineDataSize);
  state.maxQueueSize = numberOr(attributes.param_max_queue_size, state.maxQueueSize);
  state.mdts = numberOr(attributes.param_mdts, state.mdts);
  state.pi = attributes.param_pi_enable === "1";
  for (const { id, state: shown } of anaGroups) {
    const parent = below(item, "ana_groups");
    const group = tryBelow(parent, String(id)) ?? make(parent, String(id));
    const known = state.anaGroups.get(id);
    if (known !== undefined) known.state = anaStates.find((each) => each === shown) ?? known.state;
    assure(group, { ana_state: shown });
  }
  for (const { name, attributes: shown } of referrals) {
    const referral = make(below(item, "referrals"), name);
    if (!(referral.state instanceof Referral)) continue;
    restoreAddress(referral.state.address, shown);
    referral.state.portId = numberOr(shown.addr_portid, 0);
    referral.state.enabled = shown.enable === "1";
    assure(referral, shown);
  }
  for (const { link, nqn } of links) {
    const target = tryBelow(below(root, "subsystems"), nqn);
    const subsystem = nvmet.subsystems.get(nqn);
    if (target === undefined || subsystem === undefined) continue;
    state.subsystems.add(subsystem);
    below(item, "subsystems").restoreLink(link, target);
  }
  assure(item, attributes);
}

function restoreAddress(address: Address, shown: Attributes): void {
  address.trtype = shown.addr_trtype ?? "";
  address.adrfam = shown.addr_adrfam ?? "";
  address.traddr = shown.addr_traddr ?? "";
  address.trsvcid = shown.addr_trsvcid ?? "";
  address.tsas = shown.addr_tsas ?? "";
  const treq = (["not specified", "required", "not required"] as const).find((each) => each === shown.addr_treq);
  address.treq = treq ?? address.treq;
}

/** What the model shows otherwise, or does not know, is shown as it was found. */
function assure(item: NvmetItem, attributes: Attributes): void {
  for (const [name, text] of Object.entries(attributes)) {
    const file = item.get(name);
    const shown = file?.kind === "file" ? file.read?.().trimEnd() : undefined;
    if (shown !== text) item.restoreText(name, text);
  }
}

function numberOr(text: string | undefined, otherwise: number): number {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isNaN(value) ? otherwise : value;
}

function make(parent: NvmetItem, name: string): NvmetItem {
  parent.make(name);
  return below(parent, name);
}

function below(parent: NvmetItem, name: string): NvmetItem {
  return itemAt(parent.get(name));
}

function tryBelow(parent: NvmetItem, name: string): NvmetItem | undefined {
  const entry = parent.get(name);
  return entry instanceof Item ? entry : undefined;
}

function itemAt(entry: unknown): NvmetItem {
  if (entry instanceof Item) return entry;
  throw new Errno("ENOENT");
}
