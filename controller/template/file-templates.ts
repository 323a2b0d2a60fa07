import { placeInText } from "./problem.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { Settings } from "./settings.ts";
import { type Compiled, compileIncluded, compileSource } from "./statements/compile.ts";
import { renderTemplate } from "./statements/render.ts";

/** Templates of one project that were read already, by how and from where. */
type Known = Map<string, Compiled>;
const known = new WeakMap<ProjectFiles["texts"], Known>();

/** The files of a project as a task sees them. Each is read as a template once for all tasks and hosts. */
export function projectFiles(texts: ProjectFiles["texts"], folders: readonly string[]): ProjectFiles {
  const read = (path: string, settings: Settings, how: typeof compileSource): Compiled => {
    const all = known.get(texts) ?? new Map<string, Compiled>();
    known.set(texts, all);
    const key = JSON.stringify([how === compileSource, path, settings]);
    const found = all.get(key);
    if (found !== undefined) return found;
    const text = texts[path] ?? "";
    const placeOf = placeInText(text);
    const compiled = how({ text, placeOf: (offset) => `${path}:${placeOf(offset)}` }, settings);
    all.set(key, compiled);
    return compiled;
  };
  return {
    texts,
    folders,
    included: (path, settings) => read(path, settings, compileIncluded),
    template: (path, settings) => {
      const compiled = read(path, settings, compileSource);
      return { render: (scope, budget) => renderTemplate(compiled, scope, budget) };
    },
  };
}
