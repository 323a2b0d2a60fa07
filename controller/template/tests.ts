import { filters } from "./filters/filters.ts";
import { takeText } from "./take.ts";
import { addressTests } from "./tests/addresses.ts";
import { comparisonTests } from "./tests/comparisons.ts";
import { resultTests } from "./tests/results.ts";
import { plain, type Tests } from "./tests/test.ts";
import { textTests } from "./tests/texts.ts";
import { valueTests } from "./tests/values.ts";
import type { Value } from "./value.ts";

const bare = (name: Value) => takeText(name, "the name").replace(/^.*\./s, "");

/** Every test by its name. */
export const tests: Tests = {
  ...valueTests,
  ...comparisonTests,
  ...textTests,
  ...resultTests,
  ...addressTests,
  filter: plain((name) => Object.hasOwn(filters, bare(name))),
  test: plain((name) => Object.hasOwn(tests, bare(name))),
};
