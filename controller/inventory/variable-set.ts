import { type CompiledValue, compileValue, type PlaceAt } from "../template/compiled-value.ts";
import type { Layer } from "../template/scope.ts";
import type { Written } from "../template/tagged.ts";

/** Variables of one origin as they were written; later ones replace earlier ones of the same name. */
export class VariableSet implements Layer {
  readonly #written = new Map<string, { value: Written; placeAt: PlaceAt | undefined }>();
  /** Made with the first use: of most hosts nobody asks for a variable. */
  #compiled: Map<string, CompiledValue> | undefined;

  /** `placeAt` gets paths within the variable's value. */
  set(name: string, value: Written, placeAt?: PlaceAt): void {
    this.#written.set(name, { value, placeAt });
  }

  get isEmpty(): boolean {
    return this.#written.size === 0;
  }

  names(): Iterable<string> {
    return this.#written.keys();
  }

  /** The value as it was written. */
  written(name: string): Written | undefined {
    return this.#written.get(name)?.value;
  }

  /** Those that may hold a template, to be compiled for their mistakes' sake. */
  *templateNames(): Generator<string> {
    for (const [name, { value }] of this.#written)
      if (typeof value === "object" || (typeof value === "string" && value.includes("{"))) yield name;
  }

  /** Compiled when it is first used. Errors are `bad_template`. */
  get(name: string): CompiledValue | undefined {
    const known = this.#compiled?.get(name);
    if (known !== undefined) return known;
    const written = this.#written.get(name);
    if (written === undefined) return undefined;
    const value = compileValue(written.value, written.placeAt);
    this.#compiled ??= new Map();
    this.#compiled.set(name, value);
    return value;
  }
}
