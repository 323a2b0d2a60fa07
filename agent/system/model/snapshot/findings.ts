import type { Attributes } from "../../../observe/observed.ts";
import type { Behaviour, BuildOption, Findings } from "../versions.ts";
import type { Snapshot } from "./snapshot.ts";

/** Files of which one says whether the kernel has a behaviour, by the kind of directory that they lie in. */
const byFile = {
  root: { discoveryNqn: "discovery_nqn" },
  subsystem: {
    subsystemModel: "attr_model",
    cntlidRange: "attr_cntlid_min",
    subsystemPi: "attr_pi_enable",
    qidMax: "attr_qid_max",
    firmwareAndOui: "attr_firmware",
    vendorIds: "attr_vendor_id",
  },
  passthru: { passthruTimeouts: "admin_timeout", passthruClearIds: "clear_ids" },
  namespace: { reservations: "resv_enable" },
  port: { tsas: "addr_tsas", maxQueueSize: "param_max_queue_size", mdts: "param_mdts", portPi: "param_pi_enable" },
  controller: { hostIdentity: "hostnqn", controllerType: "cntrltype", queueCount: "queue_count" },
  option: {
    optionTos: "tos",
    optionIface: "host_iface",
    optionDiscovery: "discovery",
    optionDhchap: "dhchap_secret",
    optionTls: "tls",
    optionConcat: "concat",
  },
} as const satisfies Record<string, Partial<Record<Behaviour, string>>>;

/**
 * What is told about a kernel by the files that it has, where there is a directory to look into; its release says the rest.
 * @param dependencies of its modules, by name
 */
export function findingsOf(
  { seen, nvmet, fabrics }: Snapshot,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Findings {
  const { subsystems, ports, hosts } = seen.nvmet;
  const namespaces = subsystems.flatMap((subsystem) => subsystem.namespaces);
  const controllers = seen.fabrics.subsystems.flatMap((subsystem) => subsystem.controllers);
  const passthru = Object.values(nvmet.passthru);
  const needs = (module: string, other: string) => dependencies.get(module)?.includes(other) === true;
  const keys = hosts.map(({ keys: each }) => each);
  const hasFabricsModules = dependencies.has("nvme_fabrics") || dependencies.has("nvmet");
  const authentication = ["nvmet", "nvme_core"].some((module) => needs(module, "nvme_auth"));
  return {
    does: {
      ...(seen.nvmet.present && { discoveryNqn: nvmet.discoveryNqn !== undefined }),
      ...there(byFile.subsystem, subsystems),
      ...there(byFile.namespace, namespaces),
      ...there(byFile.port, ports),
      ...has(
        byFile.passthru,
        passthru.map((each) => Object.keys(each)),
      ),
      ...has(
        byFile.controller,
        controllers.flatMap(({ name }) => fabrics.files[name]?.names ?? []).length > 0
          ? controllers.map(({ name }) => [...(fabrics.files[name]?.names ?? [])])
          : [],
      ),
      ...(seen.fabrics.options.size > 0 && has(byFile.option, [[...seen.fabrics.options]])),
      ...(seen.fabrics.present && { optionsReadable: seen.fabrics.options.size > 0 }),
    },
    built: {
      ...(hasFabricsModules && {
        auth: authentication,
        tls: seen.kernel.available.has("nvme_keyring"),
        loop: seen.kernel.available.has("nvme_loop"),
      }),
      ...(keys.length > 0 && { auth: keys.some((each) => "dhchap_key" in each) }),
      ...(subsystems.length > 0 && { passthru: passthru.length > 0 }),
      ...(namespaces.length > 0 && { p2pdma: namespaces.some(({ attributes }) => "p2pmem" in attributes) }),
    } satisfies Partial<Record<BuildOption, boolean>>,
  };
}

function there(
  files: Partial<Record<Behaviour, string>>,
  items: readonly { attributes: Attributes }[],
): Partial<Record<Behaviour, boolean>> {
  return has(
    files,
    items.map(({ attributes }) => Object.keys(attributes)),
  );
}

/** Nothing is known where there is nothing to look at. */
function has(files: Partial<Record<Behaviour, string>>, items: readonly (readonly string[])[]) {
  if (items.length === 0) return {};
  return Object.fromEntries(
    Object.entries(files).map(([behaviour, file]) => [behaviour, items.some((names) => names.includes(file))]),
  );
}
