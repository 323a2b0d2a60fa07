import type { Filters } from "./filter.ts";
import { jsonFilters } from "./json.ts";
import { listFilters } from "./lists.ts";
import { mappingFilters } from "./mappings.ts";
import { regexFilters } from "./regexes.ts";
import { selectFilters } from "./select.ts";
import { textFilters } from "./texts.ts";
import { valueFilters } from "./values.ts";

/** Every filter by its name. */
export const filters: Filters = {
  ...valueFilters,
  ...selectFilters,
  ...listFilters,
  ...mappingFilters,
  ...textFilters,
  ...regexFilters,
  ...jsonFilters,
};
