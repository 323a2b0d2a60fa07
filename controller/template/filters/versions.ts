import { argument, takeFlag, takeItems, takeText } from "../take.ts";
import { compareVersions } from "../version.ts";
import type { Filters } from "./filter.ts";

/** Filters of versions. */
export const versionFilters: Filters = {
  version_sort: {
    takes: ["reverse"],
    does: (value, args, evaluation) => {
      const versions = takeItems(value, "what is sorted", evaluation).map((each) => takeText(each, "each version"));
      evaluation.budget.spend(8 * versions.length * Math.ceil(Math.log2(versions.length + 1)));
      const sign = takeFlag(argument(args, 0, "reverse"), false) ? -1 : 1;
      return versions.sort((a, b) => sign * compareVersions(a, b, "loose"));
    },
  },
};
