import { FlashfleetError } from "../../../shared/errors.ts";
import { distributionOf, parseOsRelease } from "../../observe/machine/distribution.ts";
import { packageManagerOf } from "../../observe/machine/managers.ts";
import { readAttribute } from "../../observe/tolerant.ts";
import type { Action } from "../action.ts";
import { apt } from "./apt.ts";
import { dnf } from "./dnf.ts";

const ofApt = {
  cache_valid_time: 0,
  only_upgrade: false,
  purge: false,
  autoremove: false,
  allow_downgrade: false,
  lock_timeout: 60,
};
const ofDnf = { install_weak_deps: true, allowerasing: false, autoremove: false, lock_timeout: 30 };

/** Packages of whichever package manager the node has. */
export const packageAction: Action<"package"> = async ({ use, ...args }, context) => {
  const system = context.checking?.node ?? context.system;
  const release = parseOsRelease((await readAttribute(system, "/etc/os-release")) ?? "");
  const own = use === "auto" ? await packageManagerOf(system, distributionOf(release, undefined)?.os_family) : use;
  if (own === "apt") return apt({ ...args, ...ofApt }, context);
  if (own === "dnf" || own === "dnf4" || own === "yum") return dnf({ ...args, ...ofDnf }, context);
  throw new FlashfleetError(
    "not_found",
    `cannot change packages: ${own === "unknown" ? "this node has no package manager that is known" : `its package manager is ${own}`}`,
    { hint: "apt and dnf can be done; for others there is command:" },
  );
};
