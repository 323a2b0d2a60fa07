import { folderOf } from "../../project/paths.ts";
import type { Evaluator } from "../evaluation.ts";
import { readPythonLiteral } from "../python-literal.ts";
import { valueLayer } from "../scope.ts";
import { fileSettings, type Settings } from "../settings.ts";
import { takeMapping, takeText, takeYes } from "../take.ts";
import type { Value } from "../value.ts";
import { projectText } from "./files.ts";
import { filesOf, type LookupOptions, type Lookups, option } from "./lookup.ts";

const marks = [
  "variable_start_string",
  "variable_end_string",
  "comment_start_string",
  "comment_end_string",
] as const satisfies readonly (keyof Settings)[];

function settingsOf(options: LookupOptions): Settings {
  const given = marks.flatMap((name) => {
    const value = option(options, name);
    return value === undefined ? [] : [[name, takeText(value, name)] as const];
  });
  return given.length === 0 ? fileSettings : { ...fileSettings, ...Object.fromEntries(given) };
}

/** The texts of template files; one that looks like a list or a mapping is read as one, as in Ansible. */
function rendered(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): Value[] {
  const { scope, budget } = evaluator;
  const files = filesOf(evaluator, "template");
  const settings = settingsOf(options);
  const variables = takeMapping(option(options, "template_vars") ?? {}, "template_vars");
  const converts = takeYes(option(options, "convert_data"), true);
  return terms.map((term) => {
    const { path } = projectText(takeText(term, "each term of 'template'"), "templates", files);
    const layer = valueLayer({ template_path: takeText(term, "the name"), template_fullpath: path, ...variables });
    const seen = scope.with(layer).seeing({ ...files, folders: [folderOf(path), ...files.folders] });
    const text = budget.deeper(
      () => files.template(path, settings).render(seen, budget),
      "templates look each other up",
    );
    return converts && /^[[{]/.test(text) ? (readPythonLiteral(text, { json: true }) ?? text) : text;
  });
}

export const templateLookups: Lookups = {
  template: { takes: [...marks, "template_vars", "convert_data"], finds: rendered },
};
