import { Budget } from "./budget.ts";
import { evaluationError, placeInText } from "./problem.ts";
import type { Layer, Scope, Variable } from "./scope.ts";
import { compileTemplate, type Template } from "./template.ts";
import { toJson } from "./text.ts";
import { type Json, Omit, Undefined, type Value } from "./value.ts";

/** The way from a value to a part of it: keys and indexes. */
export type Path = readonly (string | number)[];

/** Where an offset of the text at a path lies in people's files. */
export type PlaceAt = (path: Path, offset: number) => string | undefined;

/** A nested value with all its texts compiled; evaluated once per host. */
export interface CompiledValue extends Variable {
  /** As it was written. */
  readonly json: Json;
  readonly isConstant: boolean;
  /** Where the templates are. */
  readonly templates: readonly Path[];
  /** The value with every template evaluated; what evaluates to `omit` is left out. Errors are `bad_template`. */
  evaluate(scope: Scope): Json;
}

/** Compiles all texts within a value; keys are never templates. Errors are `bad_template`. */
export function compileValue(json: Json, placeAt?: PlaceAt): CompiledValue {
  const templates: Path[] = [];
  const variable = compilePart(json, [], templates, placeAt);
  const isConstant = templates.length === 0;
  return {
    json,
    isConstant,
    templates,
    valueIn: variable.valueIn,
    evaluate: (scope) => {
      if (isConstant) return json;
      const budget = new Budget();
      try {
        const value = variable.valueIn(scope, budget);
        if (value instanceof Undefined) throw value.refusal();
        return toJson(value, budget);
      } catch (error) {
        throw evaluationError({ text: "the value", placeOf: () => placeAt?.([], 0) }, 0, error);
      }
    },
  };
}

/** The paths of the texts that hold a template, whether or not it can be compiled. */
export function templatePaths(json: Json, path: Path = []): Path[] {
  if (typeof json === "string") return mayBeTemplate(json) ? [path] : [];
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, part]) =>
    templatePaths(part, [...path, Array.isArray(json) ? Number(key) : key]),
  );
}

function mayBeTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%") || text.includes("{#");
}

function compilePart(json: Json, path: Path, templates: Path[], placeAt: PlaceAt | undefined): Variable {
  if (typeof json === "string") {
    const template = compileText(json, path, placeAt);
    if (template === undefined) return { valueIn: () => json };
    templates.push(path);
    return template;
  }
  if (typeof json !== "object" || json === null) return { valueIn: () => json };
  const before = templates.length;
  const parts = Object.entries(json).map(([key, part]): [string, Variable] => {
    return [key, compilePart(part, [...path, Array.isArray(json) ? Number(key) : key], templates, placeAt)];
  });
  // A part without templates is one value for all hosts.
  if (templates.length === before) return { valueIn: () => json };
  const isList = Array.isArray(json);
  return {
    valueIn: (scope, budget) => {
      const entries = evaluateParts(parts, scope, budget);
      return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
    },
  };
}

function evaluateParts(parts: readonly [string, Variable][], scope: Scope, budget: Budget): [string, Value][] {
  const entries: [string, Value][] = [];
  for (const [key, part] of parts) {
    const value = part.valueIn(scope, budget);
    if (value instanceof Undefined) throw value.refusal();
    if (!(value instanceof Omit)) entries.push([key, value]);
  }
  return entries;
}

function compileText(text: string, path: Path, placeAt: PlaceAt | undefined): Template | undefined {
  if (!mayBeTemplate(text)) return undefined;
  return compileTemplate(text, placeAt === undefined ? placeInText(text) : (offset) => placeAt(path, offset));
}

/**
 * A layer of variables as people write them, each compiled when it is first used. `placeAt` gets paths that begin
 * with the variable's name.
 */
export function variableLayer(variables: Readonly<Record<string, Json>>, placeAt?: PlaceAt): Layer {
  const compiled = new Map<string, CompiledValue>();
  return {
    names: () => Object.keys(variables),
    get: (name) => {
      const known = compiled.get(name);
      if (known !== undefined) return known;
      const json = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (json === undefined) return undefined;
      const value = compileValue(
        json,
        placeAt === undefined ? undefined : (path, offset) => placeAt([name, ...path], offset),
      );
      compiled.set(name, value);
      return value;
    },
  };
}

/** A layer of variables that are compiled already. */
export function compiledLayer(variables: ReadonlyMap<string, CompiledValue>): Layer {
  return { get: (name) => variables.get(name), names: () => variables.keys() };
}
