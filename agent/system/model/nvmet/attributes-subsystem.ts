import type { Attribute, Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { parseBool, parseIn, parseInteger, scanU16, u16, u32 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import { type Nvmet, passthruOrNamespaces } from "./core.ts";
import type { Passthru, Subsystem } from "./state.ts";

const serialLength = 20;
const longestModel = 40;
const longestFirmware = 8;

/** What Identify Controller tells a host is fixed from the first host on. */
function assertOpen(subsystem: Subsystem, { kernel }: Nvmet, what: string, value: string): void {
  if (!kernel.does.frozenByIdentify || !subsystem.identified) return;
  throw new Errno("EINVAL", `Can't set ${what}. ${value} is already assigned`);
}

/** A line of printable ASCII with 1 to `most` bytes. Throws EINVAL, with what nvmet says of a bad one. */
function ascii(text: string, most: number, says: { long: string; empty?: string; other?: string }): string {
  const [value = ""] = text.split("\n");
  if (value === "") throw new Errno("EINVAL", says.empty);
  if (Buffer.byteLength(value) > most) throw new Errno("EINVAL", says.long);
  if (!/^[\x20-\x7e]*$/.test(value)) throw new Errno("EINVAL", says.other);
  return value;
}

const serialWords = { long: `Serial Number can not be empty or exceed ${serialLength} Bytes` };
const saysOfSerials = {
  ...serialWords,
  empty: serialWords.long,
  other: "Serial Number must contain only ASCII strings",
};
const saysOfModels = { long: `Model number size can not exceed ${longestModel} Bytes` };
const saysOfFirmware = { long: `Firmware revision size can not exceed ${longestFirmware} Bytes` };

/** Before 5.15 the serial is a 64-bit number (sscanf of %llx, which wraps); 5.0 and 5.4 take anything and keep what they had. */
function hexSerial(text: string, kernel: Kernel): string | undefined {
  const match = /^\s*(?:0x)?([0-9a-f]+)/i.exec(text);
  if (match !== null) return BigInt.asUintN(64, BigInt(`0x${match[1]}`)).toString(16);
  if (kernel.does.hexSerialChecked) throw new Errno("EINVAL");
  return undefined;
}

function hexOui({ oui }: Subsystem): string {
  return `0x${oui.toString(16).padStart(6, "0")}`;
}

function hex16(field: "vendorId" | "subsysVendorId"): Attribute<Subsystem, Nvmet> {
  return {
    when: ({ does }) => does.vendorIds,
    show: (subsystem) => `0x${subsystem[field].toString(16)}`,
    store: (subsystem, text) => {
      subsystem[field] = parseIn(text, u16);
    },
  };
}

export const subsystemAttributes: Attributes<Subsystem, Nvmet> = {
  attr_allow_any_host: {
    show: ({ allowAnyHost }) => (allowAnyHost ? "1" : "0"),
    store: (subsystem, text, nvmet) => {
      const allow = parseBool(text, nvmet.kernel);
      if (allow && subsystem.allowed.size > 0) {
        throw new Errno("EINVAL", "Can't set allow_any_host when explicit hosts are set!");
      }
      if (allow === subsystem.allowAnyHost) return;
      subsystem.allowAnyHost = allow;
      nvmet.discoveryChanged((port) => port.subsystems.has(subsystem));
    },
  },
  attr_serial: {
    show: ({ serial }, { kernel }) => (kernel.does.asciiSerial ? serial.padEnd(serialLength) : serial),
    store: (subsystem, text, nvmet) => {
      assertOpen(subsystem, nvmet, "serial number", subsystem.serial.padEnd(serialLength));
      if (nvmet.kernel.does.asciiSerial) subsystem.serial = ascii(text, serialLength, saysOfSerials);
      else subsystem.serial = hexSerial(text, nvmet.kernel) ?? subsystem.serial;
    },
  },
  attr_model: {
    when: ({ does }) => does.subsystemModel,
    show: ({ model }) => model,
    store: (subsystem, text, nvmet) => {
      assertOpen(subsystem, nvmet, "model number", subsystem.model);
      const most = nvmet.kernel.does.modelLimited ? longestModel : Number.POSITIVE_INFINITY;
      subsystem.model = ascii(text, most, saysOfModels);
    },
  },
  attr_version: {
    show: ({ version }) => version,
    store: (subsystem, text, nvmet) => {
      assertOpen(subsystem, nvmet, "version number", subsystem.version);
      // A passed-through controller has its own.
      if (subsystem.passthru.enabled) throw new Errno("EINVAL");
      const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
      if (match === null) throw new Errno("EINVAL");
      const [, major, minor, tertiary] = match.map(Number);
      subsystem.version = tertiary ? `${major}.${minor}.${tertiary}` : `${major}.${minor}`;
    },
  },
  attr_cntlid_min: {
    when: ({ does }) => does.cntlidRange,
    show: ({ cntlidMin }) => String(cntlidMin),
    store: (subsystem, text, { kernel }) => {
      const least = scanU16(text);
      assertRange(least, subsystem.cntlidMax, least, kernel);
      subsystem.cntlidMin = least;
    },
  },
  attr_cntlid_max: {
    when: ({ does }) => does.cntlidRange,
    show: ({ cntlidMax }) => String(cntlidMax),
    store: (subsystem, text, { kernel }) => {
      const most = scanU16(text);
      assertRange(subsystem.cntlidMin, most, most, kernel);
      subsystem.cntlidMax = most;
    },
  },
  attr_pi_enable: {
    when: ({ does, built }) => does.subsystemPi && built.has("integrity"),
    show: ({ pi }) => (pi ? "1" : "0"),
    store: (subsystem, text, { kernel }) => {
      subsystem.pi = parseBool(text, kernel);
    },
  },
  attr_qid_max: {
    when: ({ does }) => does.qidMax,
    show: ({ qidMax }) => String(qidMax),
    store: (subsystem, text, nvmet) => {
      const most = scanU16(text);
      if (most < 1 || most > 128) throw new Errno("EINVAL");
      subsystem.qidMax = most;
      // Even the same value: hosts must create their queues anew.
      if (nvmet.kernel.does.qidMaxKicks) nvmet.controllers.drop((each) => each.subsystem === subsystem);
    },
  },
  attr_ieee_oui: {
    when: ({ does }) => does.firmwareAndOui,
    show: hexOui,
    store: (subsystem, text, nvmet) => {
      assertOpen(subsystem, nvmet, "IEEE OUI", hexOui(subsystem));
      const oui = parseInteger(text, u32);
      if (oui >= 0x1000000) throw new Errno("EINVAL");
      subsystem.oui = oui;
    },
  },
  attr_firmware: {
    when: ({ does }) => does.firmwareAndOui,
    show: ({ firmware }) => firmware,
    store: (subsystem, text, nvmet) => {
      assertOpen(subsystem, nvmet, "firmware revision", subsystem.firmware);
      subsystem.firmware = ascii(text, longestFirmware, saysOfFirmware);
    },
  },
  attr_vendor_id: hex16("vendorId"),
  attr_subsys_vendor_id: hex16("subsysVendorId"),
};

function assertRange(least: number, most: number, written: number, kernel: Kernel): void {
  const inOrder = kernel.does.cntlidMinMayBeMax ? least <= most : least < most;
  if (written === 0 || !inOrder) throw new Errno("EINVAL");
}

/** A subsystem's passthru/ directory: its state is the subsystem's own. */
export class PassthruOf {
  readonly subsystem: Subsystem;

  constructor(subsystem: Subsystem) {
    this.subsystem = subsystem;
  }

  get settings(): Passthru {
    return this.subsystem.passthru;
  }
}

/** nr_namespaces: those that are enabled, or all of them where they count from mkdir on. */
function countedNamespaces({ namespaces }: Subsystem, { does }: Kernel): number {
  return [...namespaces].filter(({ backing }) => does.nsidChecked || backing !== undefined).length;
}

function number(
  field: "adminTimeout" | "ioTimeout" | "clearIds",
  has: (kernel: Kernel) => boolean,
): Attribute<PassthruOf, Nvmet> {
  return {
    when: has,
    show: ({ settings }) => String(settings[field]),
    store: ({ settings }, text) => {
      settings[field] = parseIn(text, u32);
    },
  };
}

export const passthruAttributes: Attributes<PassthruOf, Nvmet> = {
  device_path: {
    show: ({ settings }) => settings.path ?? "(null)",
    store: ({ settings }, text) => {
      if (settings.enabled) throw new Errno("EBUSY");
      const [path = ""] = text.split("\n");
      if (path === "") throw new Errno("EINVAL");
      settings.path = path;
    },
  },
  enable: {
    show: ({ settings }) => (settings.enabled ? "1" : "0"),
    store: ({ settings, subsystem }, text, nvmet, caller) => {
      if (!parseBool(text, nvmet.kernel)) {
        settings.enabled = false;
        return;
      }
      if (settings.path === undefined || settings.enabled) throw new Errno("EINVAL");
      if (countedNamespaces(subsystem, nvmet.kernel) > 0) throw new Errno("EINVAL", passthruOrNamespaces);
      if (!nvmet.machine.isController(settings.path, caller)) {
        throw new Errno("EINVAL", `failed to open nvme controller ${settings.path}`);
      }
      settings.enabled = true;
    },
  },
  admin_timeout: number("adminTimeout", ({ does }) => does.passthruTimeouts),
  io_timeout: number("ioTimeout", ({ does }) => does.passthruTimeouts),
  clear_ids: number("clearIds", ({ does }) => does.passthruClearIds),
};
