import { FlashfleetError } from "../../../shared/errors.ts";

/**
 * Since which kernel a behaviour is there: the whole difference between versions, as data. A name says what that kernel and every
 * later one does.
 */
const since = {
  // configfs and number parsing
  zeroWriteFaults: "5.15",
  boolTrueFalse: "6.1",
  boolEnable: "6.17",
  // the tree
  discoveryNqn: "6.11",
  subsystemModel: "5.10",
  cntlidRange: "5.10",
  cntlidMinMayBeMax: "6.8",
  subsystemPi: "5.10",
  asciiSerial: "5.15",
  hexSerialChecked: "5.10",
  modelLimited: "5.15",
  frozenByIdentify: "5.15",
  qidMax: "5.15",
  qidMaxKicks: "6.2",
  firmwareAndOui: "6.2",
  vendorIds: "6.14",
  version21: "6.14",
  revalidateSize: "5.10",
  anaGroup128IsZero: "6.1",
  reservations: "6.14",
  nsidChecked: "6.14",
  oopsWithoutPath: "6.1",
  buffersDevicesToo: "5.19",
  tmpfsDirectIo: "6.8",
  adrfamLoop: "5.10",
  trtypePci: "6.14",
  tsas: "6.8",
  maxQueueSize: "6.11",
  portPi: "5.10",
  mdts: "7.2",
  referralRmdir: "5.10",
  keyClearsByNul: "6.12",
  ctrlKeyEnforced: "6.12",
  passthruTimeouts: "5.15",
  passthruClearIds: "5.19",
  discoveryListsItself: "5.19",
  discoveryType: "5.15",
  // the initiator
  optionsReadable: "5.19",
  optionTos: "5.4",
  optionIface: "5.15",
  optionDiscovery: "5.19",
  optionDhchap: "6.1",
  optionTls: "6.8",
  optionConcat: "7.2",
  discoveryKeepAlive: "5.4",
  hostPairs: "6.8",
  doNotRetryDeletes: "6.11",
  authErrnos: "6.11",
  duplicateIdsIgnored: "6.1",
  subsystemNamedByController: "5.4",
  // the initiator's sysfs
  queueCount: "5.4",
  ioPolicy: "5.4",
  queueDepthPolicy: "6.8",
  hostIdentity: "5.10",
  controllerType: "5.15",
  srcAddr: "6.1",
  connectedEvent: "5.15",
  subsystemType: "5.19",
  namespaceFormat: "6.8",
  tlsKey: "6.8",
  tlsConfiguredKey: "6.12",
  diagnostics: "7.2",
  discoveryEvents: "5.4",
  resizeEvents: "5.10",
} as const;

export type Behaviour = keyof typeof since;

/** What a distribution compiled in. */
export type BuildOption = "auth" | "tls" | "loop" | "passthru" | "p2pdma";

interface Build {
  release: string;
  options: readonly BuildOption[];
}

const debian13: readonly BuildOption[] = ["auth", "tls", "loop", "passthru"];
const ubuntu: readonly BuildOption[] = [...debian13, "p2pdma"];

/** The kernels that were recorded, by the names people give them. */
const builds = {
  "5.0": { release: "5.0.0-65-generic", options: ["loop"] },
  "5.4": { release: "5.4.0-216-generic", options: ["loop"] },
  "5.10": { release: "5.10.0-46-amd64", options: [] },
  "5.15": { release: "5.15.0-204-generic", options: ["loop", "passthru"] },
  "6.1": { release: "6.1.0-56-amd64", options: [] },
  "6.8": { release: "6.8.0-151-generic", options: ubuntu },
  "6.11": { release: "6.11.0-29-generic", options: ubuntu },
  "6.12": { release: "6.12.107+deb13-amd64", options: debian13 },
  "6.14": { release: "6.14.0-37-generic", options: ubuntu },
  "6.17": { release: "6.17.0-42-generic", options: ubuntu },
  "7.2": { release: "7.2.13+deb14-amd64", options: ubuntu },
} as const satisfies Record<string, Build>;

export type KernelVersion = keyof typeof builds;

export const kernelVersions = Object.keys(builds) as KernelVersion[];
export const defaultKernel: KernelVersion = "6.12";

/** One kernel, as the model asks about it. */
export interface Kernel {
  name: KernelVersion;
  /** `uname -r`. */
  release: string;
  does: Readonly<Record<Behaviour, boolean>>;
  built: ReadonlySet<BuildOption>;
}

function atLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function isKernelVersion(name: string): name is KernelVersion {
  return Object.hasOwn(builds, name);
}

const kernels = new Map<KernelVersion, Kernel>();

/** The kernel of this name; `bad_argument` where none was recorded. */
export function kernelOf(name: string): Kernel {
  if (!isKernelVersion(name)) {
    throw new FlashfleetError("bad_argument", `cannot model the kernel ${name}: it was not recorded`, {
      hint: `one of ${kernelVersions.join(", ")}`,
    });
  }
  const known = kernels.get(name);
  if (known !== undefined) return known;
  const behaviours = Object.entries(since).map(([behaviour, from]) => [behaviour, atLeast(name, from)]);
  const build: Build = builds[name];
  const does: Record<Behaviour, boolean> = Object.fromEntries(behaviours);
  const kernel: Kernel = { name, release: build.release, does, built: new Set(build.options) };
  kernels.set(name, kernel);
  return kernel;
}
