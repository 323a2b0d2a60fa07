import { addressFilters } from "./addresses.ts";
import { combinatoricFilters } from "./combinatorics.ts";
import { digestFilters } from "./digests.ts";
import type { Filters } from "./filter.ts";
import { groupFilters } from "./groups.ts";
import { jsonFilters } from "./json.ts";
import { layoutFilters } from "./layout.ts";
import { listFilters } from "./lists.ts";
import { mappingFilters } from "./mappings.ts";
import { markupFilters } from "./markup.ts";
import { numberFilters } from "./numbers.ts";
import { pathFilters } from "./paths.ts";
import { randomFilters } from "./random.ts";
import { regexFilters } from "./regexes.ts";
import { selectFilters } from "./select.ts";
import { setFilters } from "./sets.ts";
import { sizeFilters } from "./sizes.ts";
import { textFilters } from "./texts.ts";
import { timeFilters } from "./times.ts";
import { urlFilters } from "./urls.ts";
import { valueFilters } from "./values.ts";
import { versionFilters } from "./versions.ts";
import { yamlFilters } from "./yaml.ts";

/** Every filter by its name. */
export const filters: Filters = {
  ...valueFilters,
  ...numberFilters,
  ...sizeFilters,
  ...timeFilters,
  ...versionFilters,
  ...selectFilters,
  ...listFilters,
  ...setFilters,
  ...groupFilters,
  ...combinatoricFilters,
  ...randomFilters,
  ...mappingFilters,
  ...textFilters,
  ...layoutFilters,
  ...regexFilters,
  ...pathFilters,
  ...urlFilters,
  ...markupFilters,
  ...digestFilters,
  ...jsonFilters,
  ...yamlFilters,
  ...addressFilters,
};
