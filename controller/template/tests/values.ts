import { isLower, isUpper } from "../methods/text.ts";
import { argument, takeFlag, takeNumber, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
import { isList, isMapping, isTrue, LazyMap, Undefined, type Value } from "../value.ts";
import { plain, type Test, type Tests } from "./test.ts";

const isAnyMapping = (value: Value) => isMapping(value) || value instanceof LazyMap;
const sequence = plain((value) => typeof value === "string" || isList(value) || isAnyMapping(value));

const yes = new Set(["y", "yes", "on", "1", "true", "t"]);
const no = new Set(["n", "no", "off", "0", "false", "f"]);

/** Its truth; with `convert_bool` what text says, where it says yes or no. */
function truth(value: Value, converts: boolean): boolean {
  if (!converts || typeof value !== "string") return isTrue(value);
  const word = value.toLowerCase().trim();
  return yes.has(word) || (!no.has(word) && value !== "");
}

function truthy(wanted: boolean): Test {
  return {
    takes: ["convert_bool"],
    holds: (value, args) => truth(value, takeFlag(argument(args, 0, "convert_bool"), false)) === wanted,
  };
}

const numberOf = (value: Value) => (typeof value === "boolean" ? Number(value) : takeNumber(value, "what is divided"));
const isNaNTest = plain((value) => typeof value === "number" && Number.isNaN(value));
const modulo = (value: number, divisor: number) => value - divisor * Math.floor(value / divisor);

/** Tests of what a value is. */
export const valueTests: Tests = {
  defined: { takes: [], holds: (value) => !(value instanceof Undefined) },
  undefined: { takes: [], holds: (value) => value instanceof Undefined },
  none: plain((value) => value === null),
  boolean: plain((value) => typeof value === "boolean"),
  true: plain((value) => value === true),
  false: plain((value) => value === false),
  truthy: truthy(true),
  falsy: truthy(false),
  string: plain((value) => typeof value === "string"),
  number: plain((value) => typeof value === "number" || typeof value === "boolean"),
  integer: plain((value) => Number.isInteger(value)),
  float: plain((value) => typeof value === "number" && !Number.isInteger(value)),
  mapping: plain(isAnyMapping),
  sequence,
  iterable: sequence,
  callable: plain(() => false),
  escaped: plain(() => false),
  lower: { takes: [], holds: (value, _, { budget }) => isLower(pythonText(value, budget)) },
  upper: { takes: [], holds: (value, _, { budget }) => isUpper(pythonText(value, budget)) },
  odd: plain((value) => modulo(numberOf(value), 2) === 1),
  even: plain((value) => modulo(numberOf(value), 2) === 0),
  divisibleby: {
    takes: ["num"],
    holds: (value, args) => {
      const divisor = takeWhole(argument(args, 0, "num"), "the divisor");
      return numberOf(value) % divisor === 0;
    },
  },
  nan: isNaNTest,
  isnan: isNaNTest,
};
