import { type CompiledValue, compileValue, type PlaceAt } from "../template/compiled-value.ts";
import type { Layer } from "../template/scope.ts";
import type { Json } from "../template/value.ts";

/** Variables of one origin as they were written; later ones replace earlier ones of the same name. */
export class VariableSet implements Layer {
  readonly #written = new Map<string, { json: Json; placeAt: PlaceAt | undefined }>();
  readonly #compiled = new Map<string, CompiledValue>();

  /** `placeAt` gets paths within the variable's value. */
  set(name: string, json: Json, placeAt?: PlaceAt): void {
    this.#written.set(name, { json, placeAt });
  }

  get isEmpty(): boolean {
    return this.#written.size === 0;
  }

  names(): Iterable<string> {
    return this.#written.keys();
  }

  /** The value as it was written. */
  written(name: string): Json | undefined {
    return this.#written.get(name)?.json;
  }

  /** Those that may hold a template, to be compiled for their mistakes' sake. */
  *templateNames(): Generator<string> {
    for (const [name, { json }] of this.#written)
      if (typeof json === "object" || (typeof json === "string" && json.includes("{"))) yield name;
  }

  /** Compiled when it is first used. Errors are `bad_template`. */
  get(name: string): CompiledValue | undefined {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const written = this.#written.get(name);
    if (written === undefined) return undefined;
    const value = compileValue(written.json, written.placeAt);
    this.#compiled.set(name, value);
    return value;
  }
}
