import { fileOf, folderOf } from "../project/paths.ts";
import type { Inheritable, Play } from "../project/playbook.ts";
import type { Layer } from "../template/scope.ts";
import { valueLayer } from "../template/scope.ts";
import { LazyMap, type Value } from "../template/value.ts";
import type { RunPlan } from "./plan.ts";

/** The version of Ansible whose language this is: what playbooks that ask for one want to know. */
const [major, minor, revision] = [2, 14, 0] as const;
const version = `${major}.${minor}.${revision}`;

/** A folder as a path that can stand before a name. */
function folder(path: string): string {
  return path === "" ? "." : path;
}

/** What all tasks of a run see, and nothing can be put before. */
export function magicOfRun(plan: RunPlan, groups: LazyMap): Layer {
  const { selection, limit, check, diff, forks, verbosity, inventories } = plan;
  return valueLayer({
    groups,
    ansible_check_mode: check,
    ansible_diff_mode: diff,
    ansible_forks: forks,
    ansible_verbosity: verbosity,
    ansible_run_tags: selection.tags.length === 0 ? ["all"] : selection.tags,
    ansible_skip_tags: selection.skip,
    ansible_inventory_sources: inventories,
    ansible_version: { full: version, string: version, major, minor, revision },
    ...(limit === undefined ? {} : { ansible_limit: limit }),
  });
}

/** Hosts of a play, as its tasks know them. */
export interface PlayHosts {
  /** Of all batches, lost ones too. */
  all: readonly string[];
  /** Of this batch, those that still take part. */
  batch: readonly string[];
  isLost(host: string): boolean;
}

/** Worked out when it is asked for: a play may have many hosts. */
export function magicOfPlay(play: Play, { all, batch, isLost }: PlayHosts): Layer {
  const values: Readonly<Record<string, () => Value>> = {
    playbook_dir: () => folder(folderOf(fileOf(play.place))),
    ansible_play_name: () => play.name?.text ?? play.hosts.text,
    ansible_play_hosts_all: () => all,
    ansible_play_hosts: () => all.filter((host) => !isLost(host)),
    ansible_play_batch: () => batch,
    play_hosts: () => batch,
    ansible_play_role_names: () => play.roles.map(({ name }) => name),
    role_names: () => play.roles.map(({ name }) => name),
    ansible_role_names: () => [...new Set(play.roles.flatMap((role) => [role.name, ...role.needs]))],
    ansible_dependent_role_names: () => [...new Set(play.roles.flatMap(({ needs }) => needs))],
  };
  return {
    names: () => Object.keys(values),
    get: (name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? undefined : { valueIn: value };
    },
  };
}

type Known = Pick<Inheritable, "vars" | "role"> & Partial<Pick<Inheritable, "environment">>;

/** What a task knows of itself; `vars` has all variables by their names. */
export function magicOfTask({ role, environment = [] }: Known): Layer {
  const own = {
    role_name: role?.name,
    ansible_role_name: role?.name,
    role_path: role === undefined ? undefined : folder(role.folder),
  };
  return {
    names: () => ["environment", "vars", ...(role === undefined ? [] : Object.keys(own))],
    get: (name) => {
      if (name === "environment")
        return { valueIn: (scope, budget) => environment.map((part) => part.valueIn(scope, budget)) };
      if (name === "vars") {
        return {
          valueIn: (scope) =>
            new LazyMap(
              () => new Set(scope.names()),
              (each) => (each !== "vars" && scope.has(each) ? scope.lookup(each) : undefined),
            ),
        };
      }
      const value = Object.entries(own).find(([key]) => key === name)?.[1];
      return value === undefined ? undefined : { valueIn: () => value };
    },
  };
}
