import { Budget } from "./budget.ts";
import type { ProjectFiles } from "./project-files.ts";
import { didYouMean } from "./suggest.ts";
import { LazyMap, omit, Refusal, Undefined, type Value } from "./value.ts";

/** A variable as it was written: perhaps a template, evaluated where and when it is used. */
export interface Variable {
  valueIn(scope: Scope, budget: Budget): Value;
}

/** Variables of one origin: a group, a host, a play, a task. Shared by all scopes that see it, never copied. */
export interface Layer {
  get(name: string): Variable | undefined;
  names(): Iterable<string>;
}

/** Finished values, such as facts, registered results and magic variables: text in them is never a template. */
export function valueLayer(values: Readonly<Record<string, Value>>): Layer {
  return {
    get: (name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? undefined : { valueIn: () => value };
    },
    names: () => Object.keys(values),
  };
}

/**
 * What a template sees: layers of variables, the nearest first. A variable that is a template is evaluated in the scope
 * of its use, once per scope; one that needs itself is an error.
 */
export class Scope {
  readonly #layers: readonly Layer[];
  readonly #values = new Map<string, Value>();
  readonly #evaluating: string[] = [];

  /** The project's files, where a task is at work. */
  readonly files: ProjectFiles | undefined;

  constructor(layers: readonly Layer[], files?: ProjectFiles) {
    this.#layers = layers;
    this.files = files;
  }

  /** A scope with one more layer, nearer than all others. */
  with(layer: Layer): Scope {
    return new Scope([layer, ...this.#layers], this.files);
  }

  /** The same variables, with files found from other folders. */
  seeing(files: ProjectFiles): Scope {
    return new Scope(this.#layers, files);
  }

  /** All variables' names, some of them perhaps twice. */
  *names(): Generator<string> {
    for (const layer of this.#layers) yield* layer.names();
  }

  has(name: string): boolean {
    return this.#layers.some((layer) => layer.get(name) !== undefined);
  }

  /** A variable's value; undefined as a value of the language where there is none. */
  lookup(name: string, budget: Budget = new Budget()): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const variable = this.#find(name);
    if (variable === undefined) {
      return name === "omit" ? omit : new Undefined(`'${name}' is undefined`, () => didYouMean(name, this.names()));
    }
    if (this.#evaluating.includes(name)) {
      const loop = [...this.#evaluating.slice(this.#evaluating.indexOf(name)), name].join(" → ");
      throw new Refusal(
        `the variable '${name}' needs itself: ${loop}`,
        "a variable cannot be made of itself; give one of them another name",
      );
    }
    this.#evaluating.push(name);
    try {
      const value = budget.deeper(() => variable.valueIn(this, budget));
      this.#values.set(name, value);
      return value;
    } finally {
      this.#evaluating.pop();
    }
  }

  #find(name: string): Variable | undefined {
    for (const layer of this.#layers) {
      const variable = layer.get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }
}

/** The magic variable `hostvars`: every host's variables in that host's own scope, worked out one by one. */
export function hostVariables(hosts: Iterable<string>, scopeOf: (host: string) => Scope): LazyMap {
  const names = new Set(hosts);
  const maps = new Map<string, LazyMap>();
  return new LazyMap(
    () => names,
    (host) => {
      if (!names.has(host)) return undefined;
      const known = maps.get(host);
      if (known !== undefined) return known;
      const scope = scopeOf(host);
      const map = new LazyMap(
        () => new Set(scope.names()),
        (name) => (scope.has(name) ? scope.lookup(name) : undefined),
      );
      maps.set(host, map);
      return map;
    },
  );
}
