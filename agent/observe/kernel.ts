import type { System } from "../system/system.ts";
import { type Chosen, isChosen } from "./focus.ts";
import { normalModuleName, parseModuleFiles } from "./modules.ts";
import { parseMountinfo } from "./mountinfo.ts";
import type { Attributes, ObservedKernel } from "./observed.ts";
import { ifThere, listIfThere, readAttributes } from "./tolerant.ts";

/** What changes only with the kernel or a package. */
interface Shipped {
  /** Modules in files, which can be loaded and unloaded. */
  loadable: ReadonlySet<string>;
  builtin: ReadonlySet<string>;
  available: ReadonlySet<string>;
  /** Parameters of what is part of the kernel itself: set at boot, and far more than those of loaded modules. */
  fixed: Map<string, Promise<Attributes>>;
}

/** Kept per system, by the release and the sizes of the files. */
const shippedBySystem = new WeakMap<System, { key: string; shipped: Shipped }>();

export async function observeKernel(system: System): Promise<ObservedKernel> {
  const [release, present, mounts] = await Promise.all([
    system.read("/proc/sys/kernel/osrelease"),
    listIfThere(system, "/sys/module"),
    ifThere(system.read("/proc/self/mountinfo")),
  ]);
  const { builtin, available } = await shippedFor(system, release.trim());
  return {
    release: release.trim(),
    modules: new Set([...builtin, ...present.map(normalModuleName)]),
    available,
    configfsMounted: parseMountinfo(mounts ?? "").some(({ type }) => type === "configfs"),
  };
}

export async function observeParameters(
  system: System,
  modules: Chosen = "all",
): Promise<ReadonlyMap<string, Attributes>> {
  const [release, all] = await Promise.all([
    system.read("/proc/sys/kernel/osrelease"),
    listIfThere(system, "/sys/module"),
  ]);
  const present = all.filter((name) => isChosen(modules, normalModuleName(name)));
  const shipped = await shippedFor(system, release.trim());
  const parameters = await Promise.all(present.map((name) => parametersOf(system, shipped, name)));
  return new Map(present.map((name, index) => [normalModuleName(name), parameters[index] ?? {}]));
}

async function parametersOf(system: System, { loadable, fixed }: Shipped, module: string): Promise<Attributes> {
  if (loadable.has(normalModuleName(module))) return readParameters(system, module);
  const kept = fixed.get(module) ?? readParameters(system, module);
  fixed.set(module, kept);
  // What failed is tried again the next time.
  kept.catch(() => fixed.delete(module));
  return kept;
}

async function readParameters(system: System, module: string): Promise<Attributes> {
  const directory = `/sys/module/${module}/parameters`;
  return readAttributes(system, directory, await listIfThere(system, directory));
}

async function shippedFor(system: System, release: string): Promise<Shipped> {
  const files = ["dep", "builtin"].map((suffix) => `/lib/modules/${release}/modules.${suffix}`);
  const sizes = await Promise.all(files.map(async (file) => (await ifThere(system.stat(file)))?.size ?? 0));
  const key = [release, ...sizes].join(" ");
  const kept = shippedBySystem.get(system);
  if (kept?.key === key) return kept.shipped;
  const [dep = [], builtin = []] = await Promise.all(
    files.map(async (file) => parseModuleFiles((await ifThere(system.read(file))) ?? "")),
  );
  const shipped = {
    loadable: new Set(dep),
    builtin: new Set(builtin),
    available: new Set([...dep, ...builtin]),
    fixed: new Map<string, Promise<Attributes>>(),
  };
  shippedBySystem.set(system, { key, shipped });
  return shipped;
}
