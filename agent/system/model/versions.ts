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
  nsidTwiceRefused: "5.10",
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
  setupTellsStatus: "6.11",
  authFailureAnswered: "6.11",
  passthruTimeouts: "5.15",
  passthruClearIds: "5.19",
  discoveryListsItself: "5.19",
  cntlidMaxIncluded: "6.1",
  discoveryType: "5.15",
  discoveryLogBounded: "6.1",
  discoveryErrorsLocated: "5.10",
  commandSetsOffered: "5.15",
  earlyDataNoticed: "5.4",
  discoveryModel: "5.4",
  // what the target logs
  nsidsLogged: "5.4",
  portNamedInComplaints: "5.10",
  portNamedInPiComplaint: "5.15",
  transportUnset: "6.14",
  familyUnset: "5.10",
  unconnectedUnlogged: "5.15",
  controllerTypeLogged: "5.19",
  createdLogged: "6.14",
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
  pathNamedByController: "5.4",
  goneDisksEmpty: "5.15",
  frequentKeepAlive: "5.15",
  ioKeepAliveAlways: "5.15",
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
  passthruErrorLog: "6.8",
  multipathShown: "6.17",
  diagnostics: "7.2",
  discoveryEvents: "5.4",
  resizeEvents: "5.10",
  eventsTellTransport: "5.4",
  hiddenDisksSilent: "5.4",
  rediscoverEvent: "6.1",
  sensors: "5.10",
  genericDevices: "5.15",
  // parameters of nvme_core
  parametersApst: "5.15",
  parameterStreamsGone: "5.19",
  parameterIoPolicy: "5.19",
  parameterPiOffsets: "6.11",
  parameterAlwaysOn: "6.17",
  // block devices
  blockEventFiles: "5.4",
  diskSequence: "5.15",
  partitionScanShown: "6.11",
  // what the initiator logs
  duplicatesOfSubsystemLogged: "5.19",
  capacityUnlogged: "5.4",
  capacityLoggedAlways: "5.10",
  capacityLoggedOnChange: "5.15",
  mappingLogged: "5.4",
  hostnqnLogged: "6.8",
  attemptsOutOfLogged: "6.11",
} as const;

export type Behaviour = keyof typeof since;

export const buildOptions = ["auth", "tls", "loop", "passthru", "p2pdma", "integrity", "bigRamDisks"] as const;
/** What a distribution compiled in. */
export type BuildOption = (typeof buildOptions)[number];

/** What a distribution changed: a lost controller waits a second before it begins to recover (recorded on Ubuntu's 6.11). */
type Patch = "recoveryWaits";

interface Build {
  release: string;
  options: readonly BuildOption[];
  patches?: readonly Patch[];
  /** What it does not do although an older one does: mends that older kernels got after it was built. */
  lacks?: readonly Behaviour[];
}

const debian13: readonly BuildOption[] = ["integrity", "auth", "tls", "loop", "passthru"];
const debian14: readonly BuildOption[] = [...debian13, "p2pdma"];
/** CONFIG_BLK_DEV_RAM_SIZE=65536; Debian leaves it at 16384. */
const ubuntu: readonly BuildOption[] = [...debian14, "bigRamDisks"];

/** The kernels that were recorded, by the names people give them. */
const builds = {
  "5.0": { release: "5.0.0-65-generic", options: ["integrity", "loop", "bigRamDisks"] },
  "5.4": { release: "5.4.0-216-generic", options: ["integrity", "loop", "bigRamDisks"] },
  "5.10": { release: "5.10.0-46-amd64", options: ["integrity"] },
  "5.15": { release: "5.15.0-204-generic", options: ["integrity", "loop", "passthru", "bigRamDisks"] },
  "6.1": { release: "6.1.0-56-amd64", options: ["integrity"] },
  "6.8": { release: "6.8.0-151-generic", options: ubuntu },
  "6.11": { release: "6.11.0-29-generic", options: ubuntu, patches: ["recoveryWaits"], lacks: ["discoveryLogBounded"] },
  "6.12": { release: "6.12.107+deb13-amd64", options: debian13 },
  "6.14": { release: "6.14.0-37-generic", options: ubuntu, patches: ["recoveryWaits"], lacks: ["discoveryLogBounded"] },
  "6.17": { release: "6.17.0-42-generic", options: ubuntu, patches: ["recoveryWaits"] },
  "7.2": { release: "7.2.13+deb14-amd64", options: debian14 },
} as const satisfies Record<string, Build>;

export type KernelVersion = keyof typeof builds;

export const kernelVersions = Object.keys(builds) as KernelVersion[];
export const defaultKernel: KernelVersion = "6.12";

/** One kernel, as the model asks about it. */
export interface Kernel {
  /** Of the recorded kernels the one that it is, or is most like. */
  name: KernelVersion;
  /** `uname -r`. */
  release: string;
  does: Readonly<Record<Behaviour, boolean>>;
  built: ReadonlySet<BuildOption>;
  patched: ReadonlySet<Patch>;
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
  const { release, options, patches = [], lacks = [] } = build;
  for (const behaviour of lacks) does[behaviour] = false;
  const kernel: Kernel = { name, release, does, built: new Set(options), patched: new Set(patches) };
  kernels.set(name, kernel);
  return kernel;
}

/** What was found out about a kernel by looking: what it does or does not, whatever its release says. */
export interface Findings {
  does: Partial<Record<Behaviour, boolean>>;
  built: Partial<Record<BuildOption, boolean>>;
}

/** A kernel of any release: the nearest recorded one that is not newer, corrected by what was found. */
export function kernelLike(release: string, { does, built }: Findings): Kernel {
  const [, version = "0"] = /^(\d+\.\d+)/.exec(release) ?? [];
  const name = kernelVersions.findLast((each) => atLeast(version, each)) ?? "5.0";
  const like = kernelOf(name);
  const options = new Set(like.built);
  for (const option of buildOptions) {
    if (built[option] === true) options.add(option);
    if (built[option] === false) options.delete(option);
  }
  return { ...like, release, does: { ...like.does, ...does }, built: options };
}
