import type { ErrorCode } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import { controllerEndpoint, findSubsystem, pathEndpoint } from "../kinds/nvme-connection/find.ts";
import { pathResult } from "../kinds/results.ts";
import {
  type FabricsNamespace,
  type FabricsSubsystem,
  type ObservedFabrics,
  unknownNsid,
} from "../observe/observed.ts";

export type Asked = ArgumentsOf<"nvme_verify">;

/** What is not as it should be. */
interface Amiss {
  code: ErrorCode;
  says: string;
  hint: string;
}

/** What a node has of a volume. */
export interface FoundVolume {
  amiss: Amiss[];
  /** The disk that people use. */
  disk: FabricsNamespace | undefined;
  /** In a check, of a target that the check does not make: which disks it has, only a connection tells. */
  isUnknown: boolean;
  paths: PathState[];
}

type PathState = ReturnType<typeof pathResult> & {
  /** "" where the kernel shows none. */
  ana_state: string;
};

/** Holds what was asked against what is there: all that differs, first what explains the rest. */
export function findVolume(asked: Asked, fabrics: ObservedFabrics): FoundVolume {
  const subsystem = findSubsystem(asked, undefined, fabrics);
  if (subsystem === undefined) {
    const hint = "nvme_connection connects it; flashfleet health says whether this node should be";
    const says = "this node is not connected to it";
    return { amiss: [{ code: "not_converging", says, hint }], disk: undefined, isUnknown: false, paths: [] };
  }
  const { controllers, namespaces } = subsystem;
  const disk = namespaces.find(({ uuid }) => uuid === asked.uuid);
  const isUnknown = disk === undefined && namespaces.some(({ nsid }) => nsid === unknownNsid);
  const stateOf = (name: string) => disk?.paths.find(({ controller }) => controller === name)?.anaState ?? "";
  return {
    amiss: [...pathsAmiss(asked, subsystem), ...(isUnknown ? [] : diskAmiss(asked, disk, subsystem))],
    disk,
    isUnknown,
    paths: controllers.map((controller) => ({ ...pathResult(controller), ana_state: stateOf(controller.name) })),
  };
}

function pathsAmiss({ paths }: Asked, { controllers }: FabricsSubsystem): Amiss[] {
  const hint =
    "does the target listen there, and does the storage network reach it? flashfleet health and dmesg say more";
  const amiss = (says: string): Amiss => ({ code: "not_converging", says, hint });
  const there = controllers.map((controller) => ({
    endpoint: controllerEndpoint(controller),
    state: controller.state,
  }));
  if (paths === undefined) {
    if (there.some(({ state }) => state === "live")) return [];
    const states = there.map(({ endpoint, state }) => `the one over ${endpoint} is ${state}`);
    return [amiss(["none of its paths is live", ...states].join(", "))];
  }
  return paths.map(pathEndpoint).flatMap((endpoint) => {
    const found = there.filter((each) => each.endpoint === endpoint);
    if (found.some(({ state }) => state === "live")) return [];
    const [first] = found;
    return [
      amiss(first === undefined ? `it has no path over ${endpoint}` : `its path over ${endpoint} is ${first.state}`),
    ];
  });
}

function diskAmiss(
  { uuid, size }: Asked,
  disk: FabricsNamespace | undefined,
  { namespaces }: FabricsSubsystem,
): Amiss[] {
  if (disk === undefined) {
    const others = namespaces.map((each) => `${each.path} (uuid ${each.uuid === "" ? "none" : each.uuid})`);
    return [
      {
        code: "device_absent",
        says: `it has no disk with uuid ${uuid}; it has ${others.join(", ") || "none at all"}`,
        hint: "is the namespace enabled on the target, with that uuid? A disk whose ids are taken already is ignored: dmesg",
      },
    ];
  }
  if (size === undefined || disk.size === size) return [];
  return [
    {
      code: "device_changed",
      says: `its disk ${disk.path} has ${disk.size} bytes, not ${size}`,
      hint: "what the target exports has another size, or the target was not told that it grew",
    },
  ];
}

/** As people read them: tcp 10.0.0.1:4420 live, tcp 10.0.1.1:4420 connecting. */
export function describePaths(paths: readonly PathState[]): string {
  return paths
    .map(({ transport, address, service_id, state, ana_state: ana }) =>
      [transport, `${address}:${service_id}`, state, ...(ana === "" || ana === "optimized" ? [] : [`(${ana})`])].join(
        " ",
      ),
    )
    .join(", ");
}
