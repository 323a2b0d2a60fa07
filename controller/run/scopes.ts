import { FlashfleetError } from "../../shared/errors.ts";
import { groupsVariable, hostLayers, magicLayer } from "../inventory/host-layers.ts";
import type { Host } from "../inventory/inventory.ts";
import type { Play, Role, VariableMap } from "../project/playbook.ts";
import { compiledLayer } from "../template/compiled-value.ts";
import { hostVariables, type Layer, Scope, valueLayer } from "../template/scope.ts";
import { LazyMap, type Value } from "../template/value.ts";
import type { RunPlan } from "./plan.ts";
import type { RunState } from "./state.ts";

/** What the templates of a run see, in Ansible's order of precedence. */
export class Scopes {
  readonly #plan: RunPlan;
  readonly #state: RunState;
  readonly #groups: LazyMap;
  readonly #extra: Layer;
  #hostvars = new LazyMap(
    () => [],
    () => undefined,
  );
  readonly #inventoryLayers = new Map<string, Layer[]>();

  constructor(plan: RunPlan, state: RunState) {
    this.#plan = plan;
    this.#state = state;
    this.#groups = groupsVariable(plan.inventory);
    this.#extra = compiledLayer(plan.extraVars);
  }

  host(name: string): Host {
    const host = this.#plan.inventory.hosts.get(name);
    if (host === undefined) {
      throw new FlashfleetError("not_found", `there is no host ${name} in the inventory`, {
        hint: "delegate_to names a host of the inventory",
      });
    }
    return host;
  }

  /** Before each step: what other hosts are seen to have is worked out anew, once for all hosts that look. */
  refresh(): void {
    const scopes = new Map<string, Scope>();
    this.#hostvars = hostVariables(this.#plan.inventory.hosts.keys(), (host) => {
      const scope = scopes.get(host) ?? this.#ofHost(host);
      scopes.set(host, scope);
      return scope;
    });
  }

  /** Before any host is chosen: `hosts:`, `serial:`. */
  ofPlay(play: Play): Scope {
    return new Scope([this.#extra, compiledLayer(play.vars), valueLayer({ groups: this.#groups })]);
  }

  /** For a task on a host; `near` is what is nearer than its variables: the item of a loop. */
  ofTask(
    play: Play,
    hosts: readonly string[],
    task: { vars: VariableMap; role: Role | undefined } | undefined,
    host: string,
    near: Readonly<Record<string, Value>> = {},
  ): Scope {
    // The task's own role is nearer than the others of its play, and of these the later one.
    const roles = [...(task?.role === undefined ? [] : [task.role]), ...play.roles.toReversed()];
    const magic = {
      ...(task?.role === undefined ? {} : { role_name: task.role.name, role_path: task.role.folder }),
      hostvars: this.#hostvars,
      play_hosts: hosts,
      ansible_play_hosts: hosts,
      ansible_check_mode: this.#plan.check,
    };
    return new Scope([
      this.#extra,
      valueLayer(near),
      ...this.#registered(host),
      ...(task === undefined ? [] : [compiledLayer(task.vars)]),
      ...roles.map(({ vars }) => compiledLayer(vars)),
      compiledLayer(play.vars),
      ...this.#facts(host),
      ...this.#ofInventory(host),
      ...roles.map(({ defaults }) => compiledLayer(defaults)),
      valueLayer(magic),
    ]);
  }

  /** As other hosts see it. */
  #ofHost(host: string): Scope {
    return new Scope([this.#extra, ...this.#registered(host), ...this.#facts(host), ...this.#ofInventory(host)]);
  }

  #registered(host: string): Layer[] {
    const values = this.#state.registered(host);
    return values.size === 0 ? [] : [valueLayer(Object.fromEntries(values))];
  }

  #facts(host: string): Layer[] {
    const facts = this.#state.facts(host);
    return facts === undefined ? [] : [valueLayer({ facts })];
  }

  #ofInventory(name: string): Layer[] {
    const known = this.#inventoryLayers.get(name);
    if (known !== undefined) return known;
    const host = this.host(name);
    const layers = [...hostLayers(host), magicLayer(host, this.#groups)];
    this.#inventoryLayers.set(name, layers);
    return layers;
  }
}
