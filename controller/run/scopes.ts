import { FlashfleetError } from "../../shared/errors.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Json } from "../../shared/protocol/json.ts";
import { groupsVariable, hostLayers, magicLayer, nodeOf } from "../inventory/host-layers.ts";
import type { Host } from "../inventory/inventory.ts";
import { foldersOf } from "../project/paths.ts";
import type { Inheritable, Play, Role, Task, VariableMap } from "../project/playbook.ts";
import { compiledLayer } from "../template/compiled-value.ts";
import { projectFiles } from "../template/file-templates.ts";
import type { ProjectFiles } from "../template/project-files.ts";
import { hostVariables, type Layer, Scope, valueLayer } from "../template/scope.ts";
import { LazyMap, type Value } from "../template/value.ts";
import { factsLayer } from "./ansible-facts.ts";
import { magicOfPlay, magicOfRun, magicOfTask } from "./magic.ts";
import type { RunPlan } from "./plan.ts";
import type { RunState } from "./state.ts";

/** What a scope knows a task by. */
type Seen = Pick<Inheritable, "vars" | "role"> & Partial<Pick<Task, "params" | "environment" | "place">>;

interface TaskView {
  own: Layer;
  roles: readonly Role[];
  params: readonly Layer[];
  vars: readonly Layer[];
  files: ProjectFiles;
}

interface OfInventory {
  layers: readonly Layer[];
  magic: Layer;
}

const noVariables: VariableMap = new Map();

/** What the templates of a run see, in Ansible's order of precedence. */
export class Scopes {
  readonly #plan: RunPlan;
  readonly #state: RunState;
  readonly #volumesOf: (node: NodeId) => Json;
  readonly #groups: LazyMap;
  readonly #extra: Layer;
  #hostvars = new LazyMap(
    () => [],
    () => undefined,
  );
  readonly #nodes = new Map<string, NodeId>();
  readonly #inventoryLayers = new Map<string, OfInventory>();
  /** Of the facts that were gathered last. */
  readonly #factLayers = new Map<string, { facts: Json; layer: Layer }>();

  #batch: ReadonlySet<string> = new Set();
  readonly #ofRun: Layer;
  readonly #ofTasks = new WeakMap<object, TaskView>();
  readonly #hostsOfPlays = new WeakMap<Play, readonly string[]>();
  /** By the hosts that take part: another list where one is lost. */
  readonly #ofPlays = new WeakMap<readonly string[], { play: Play; layer: Layer }>();

  /** `volumesOf`: what a node has of volumes, by their names. */
  constructor(plan: RunPlan, state: RunState, volumesOf: (node: NodeId) => Json = () => ({})) {
    this.#plan = plan;
    this.#volumesOf = volumesOf;
    this.#state = state;
    this.#groups = groupsVariable(plan.inventory);
    this.#ofRun = magicOfRun(plan, this.#groups);
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

  /** The node that a host is. Throws `not_found`, and `bad_inventory` where that is no name of a node. */
  nodeOf(name: string): NodeId {
    const known = this.#nodes.get(name) ?? nodeOf(this.host(name));
    this.#nodes.set(name, known);
    return known;
  }

  /** `hostvars`, which is another one after each refresh. */
  readonly #hostvarsLayer: Layer = {
    get: (name) => (name === "hostvars" ? { valueIn: () => this.#hostvars } : undefined),
    names: () => ["hostvars"],
  };

  /** Before each step: what other hosts are seen to have is worked out anew, once for all hosts that look. */
  refresh(): void {
    const scopes = new Map<string, Scope>();
    this.#hostvars = hostVariables(this.#plan.inventory.hosts.keys(), (host) => {
      const scope = scopes.get(host) ?? this.#ofHost(host);
      scopes.set(host, scope);
      return scope;
    });
  }

  /** A play begins: these are its hosts, lost ones too. */
  begin(play: Play, hosts: readonly string[]): void {
    this.#hostsOfPlays.set(play, hosts);
  }

  /** A batch of it begins. */
  beginBatch(hosts: readonly string[]): void {
    this.#batch = new Set(hosts);
  }

  /** All hosts of a play that has begun. */
  hostsOf(play: Play): readonly string[] {
    return this.#hostsOfPlays.get(play) ?? [];
  }

  /** Before any host is chosen: `hosts:`, `serial:`. */
  ofPlay(play: Play): Scope {
    return new Scope([this.#extra, compiledLayer(play.vars), valueLayer({ groups: this.#groups })]);
  }

  /** For a task on a host; `near` is what is nearer than its variables: the item of a loop. */
  ofTask(
    play: Play,
    hosts: readonly string[],
    task: Seen | undefined,
    host: string,
    near: Readonly<Record<string, Value>> = {},
  ): Scope {
    const { own, roles, params, vars, files } = this.#viewOf(play, task);
    const all = [...roles, ...play.roles.toReversed()];
    const { layers, magic } = this.#ofInventory(host);
    // In Ansible's order. A task's own role is nearer than the others of its play, and of these the later one.
    const far = [
      ...all.map((role) => compiledLayer(role.vars)),
      compiledLayer(play.vars),
      ...this.#facts(host),
      magic,
      ...layers,
      ...all.map((role) => compiledLayer(role.defaults)),
      this.#hostvarsLayer,
      this.#volumesLayer(host),
    ];
    const late = play.varsOfHost?.(new Scope([this.#extra, ...far], files));
    return new Scope(
      [
        own,
        this.#ofPlay(play, hosts),
        this.#ofRun,
        valueLayer(near),
        this.#extra,
        ...params,
        ...this.#registered(host),
        ...this.#included(host),
        ...vars,
        ...(late === undefined ? [] : [compiledLayer(late)]),
        ...far,
      ],
      files,
    );
  }

  /** What is the same for a task whatever its host. */
  #viewOf(play: Play, task: Seen | undefined): TaskView {
    const known = this.#ofTasks.get(task ?? play);
    if (known !== undefined) return known;
    const { role, params = noVariables, vars = noVariables } = task ?? { role: undefined };
    const view = {
      own: magicOfTask(task ?? { vars, role }),
      roles: role === undefined ? [] : [role],
      params: params.size === 0 ? [] : [compiledLayer(params)],
      vars: vars.size === 0 ? [] : [compiledLayer(vars)],
      files: projectFiles(this.#plan.files, foldersOf({ role, place: task?.place ?? play.place }, play.place)),
    };
    this.#ofTasks.set(task ?? play, view);
    return view;
  }

  #ofPlay(play: Play, batch: readonly string[]): Layer {
    const known = this.#ofPlays.get(batch);
    if (known?.play === play) return known.layer;
    const here = new Set(batch);
    const all = this.#hostsOfPlays.get(play) ?? batch;
    const begun = this.#batch;
    const isLost = (host: string) => (begun.has(host) ? !here.has(host) : this.#state.isLost(host));
    const layer = magicOfPlay(play, { all, batch, isLost });
    this.#ofPlays.set(batch, { play, layer });
    return layer;
  }

  /** As other hosts see it. */
  #ofHost(host: string): Scope {
    const { layers, magic } = this.#ofInventory(host);
    const own = [...this.#registered(host), ...this.#included(host), ...this.#facts(host)];
    return new Scope([this.#extra, ...own, magic, ...layers, this.#volumesLayer(host)]);
  }

  /** Weaker than all others: people may have variables of that name. */
  #volumesLayer(host: string): Layer {
    return {
      get: (name) => (name === "volumes" ? { valueIn: () => this.#volumesOf(this.nodeOf(host)) } : undefined),
      names: () => ["volumes"],
    };
  }

  #registered(host: string): Layer[] {
    const values = this.#state.registered(host);
    return values.size === 0 ? [] : [valueLayer(Object.fromEntries(values))];
  }

  #included(host: string): Layer[] {
    const values = this.#state.included(host);
    return values === undefined ? [] : [compiledLayer(values)];
  }

  #facts(host: string): Layer[] {
    const facts = this.#state.facts(host);
    if (facts === undefined) return [];
    const known = this.#factLayers.get(host);
    if (known?.facts === facts) return [known.layer];
    const layer = factsLayer(facts);
    this.#factLayers.set(host, { facts, layer });
    return [layer];
  }

  #ofInventory(name: string): OfInventory {
    const known = this.#inventoryLayers.get(name);
    if (known !== undefined) return known;
    const host = this.host(name);
    const found = { layers: hostLayers(host), magic: magicLayer(host, this.#groups) };
    this.#inventoryLayers.set(name, found);
    return found;
  }
}
