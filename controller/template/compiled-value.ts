import { Budget } from "./budget.ts";
import { evaluationError, placeInText } from "./problem.ts";
import type { Layer, Scope, Variable } from "./scope.ts";
import { isWrittenList, Tagged, type Written } from "./tagged.ts";
import { defined } from "./take.ts";
import { compileTemplate, mayBeTemplate, type Template } from "./template.ts";
import { toJson } from "./text.ts";
import { type Json, Omit, type Value } from "./value.ts";

/** The way from a value to a part of it: keys and indexes. */
export type Path = readonly (string | number)[];

/** Where an offset of the text at a path lies in people's files. */
export type PlaceAt = (path: Path, offset: number) => string | undefined;

/** A nested value with all its texts compiled; evaluated once per host. */
export interface CompiledValue extends Variable {
  /** As it was written. */
  readonly json: Written;
  readonly isConstant: boolean;
  /** Where the templates are, and all else that is known only when it is used: secrets. */
  readonly templates: readonly Path[];
  /** The value with every template evaluated; what evaluates to `omit` is left out. Errors are `bad_template`. */
  evaluate(scope: Scope): Json;
}

/** Compiles all texts within a value; keys are never templates. Errors are `bad_template`. */
export function compileValue(written: Written, placeAt?: PlaceAt): CompiledValue {
  const templates: Path[] = [];
  const { constant, valueIn } = compilePart(written, [], templates, placeAt);
  return {
    json: written,
    isConstant: constant !== undefined,
    templates,
    valueIn,
    evaluate: (scope) => {
      if (constant !== undefined) return constant;
      const budget = new Budget();
      try {
        const value = valueIn(scope, budget);
        return toJson(defined(value), budget);
      } catch (error) {
        throw evaluationError({ text: "the value", placeOf: () => placeAt?.([], 0) }, 0, error);
      }
    },
  };
}

/** A value that was worked out already: text in it is never a template. */
export function compileConstant(json: Json): CompiledValue {
  return { json, isConstant: true, templates: [], valueIn: () => json, evaluate: () => json };
}

/** The paths of the texts that hold a template, whether or not it can be compiled, and of what is tagged. */
export function templatePaths(written: Written, path: Path = []): Path[] {
  if (written instanceof Tagged) return [path];
  if (typeof written === "string") return mayBeTemplate(written) ? [path] : [];
  if (typeof written !== "object" || written === null) return [];
  return Object.entries(written).flatMap(([key, part]) =>
    templatePaths(part, [...path, isWrittenList(written) ? Number(key) : key]),
  );
}

interface Part extends Variable {
  /** Where it is one value for all hosts. */
  constant: Json | undefined;
}

function compilePart(written: Written, path: Path, templates: Path[], placeAt: PlaceAt | undefined): Part {
  if (written instanceof Tagged) {
    templates.push(path);
    const value = written.isTemplate ? written.reveal() : undefined;
    const template = typeof value === "string" ? compileText(value, path, placeAt) : undefined;
    return { constant: undefined, valueIn: template?.valueIn ?? (() => written.reveal()) };
  }
  if (typeof written === "string") {
    const template = compileText(written, path, placeAt);
    if (template === undefined) return constantPart(written);
    templates.push(path);
    return { constant: undefined, valueIn: template.valueIn };
  }
  if (typeof written !== "object" || written === null) return constantPart(written);
  const isList = isWrittenList(written);
  const parts = Object.entries(written).map(([key, part]): [string, Part] => [
    key,
    compilePart(part, [...path, isList ? Number(key) : key], templates, placeAt),
  ]);
  const constants = parts.flatMap(([key, { constant }]): [string, Json][] =>
    constant === undefined ? [] : [[key, constant]],
  );
  if (constants.length === parts.length)
    return constantPart(isList ? constants.map(([, value]) => value) : Object.fromEntries(constants));
  return {
    constant: undefined,
    valueIn: (scope, budget) => {
      const entries = evaluateParts(parts, scope, budget);
      return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
    },
  };
}

function constantPart(constant: Json): Part {
  return { constant, valueIn: () => constant };
}

function evaluateParts(parts: readonly [string, Variable][], scope: Scope, budget: Budget): [string, Value][] {
  const entries: [string, Value][] = [];
  for (const [key, part] of parts) {
    const value = defined(part.valueIn(scope, budget));
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
