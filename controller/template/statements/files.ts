import type { ProjectFiles } from "../project-files.ts";
import { findProjectFile, projectPaths } from "../project-files.ts";
import { didYouMean } from "../suggest.ts";
import { defined, takeText } from "../take.ts";
import { isList, Refusal, Tool, Undefined, type Value } from "../value.ts";
import type { Import, Include } from "./ast.ts";
import type { Compiled } from "./compile.ts";
import { Output } from "./output.ts";
import type { Rendering } from "./rendering.ts";

/** `{% include %}`: the file's text; what it sets stays within. */
export function renderInclude(node: Include, rendering: Rendering, into: Output): void {
  const found = fileNamed(rendering.value(node.file), rendering);
  if (typeof found === "string") {
    if (!node.mayBeMissing) throw missing(found, rendering);
    return;
  }
  const { frames, evaluator } = rendering;
  evaluator.budget.deeper(
    () =>
      frames.within(
        () => rendering.of(found.compiled).nodes(found.compiled.nodes, into),
        node.seesVariables ? undefined : "none",
      ),
    "templates include each other",
  );
}

/** `{% import %}` and `{% from %}`: what the file sets and its macros, but for names that begin with `_`; its text goes. */
export function renderImport(node: Import, rendering: Rendering): void {
  const found = fileNamed(rendering.value(node.file), rendering);
  if (typeof found === "string") throw missing(found, rendering);
  const { frames, evaluator } = rendering;
  const all = evaluator.budget.deeper(
    () =>
      frames.within(
        (values) => {
          rendering.of(found.compiled).nodes(found.compiled.nodes, new Output(evaluator.budget));
          return values;
        },
        node.seesVariables ? undefined : "none",
      ),
    "templates import each other",
  );
  const exported = new Map([...all].filter(([name]) => !name.startsWith("_")));
  if (typeof node.as === "string") frames.set(node.as, new Tool(`the template ${found.path}`, exported));
  else
    for (const [name, as] of node.as) {
      const reason = `the template ${found.path} has no '${name}'`;
      frames.set(as, exported.get(name) ?? new Undefined(reason, () => didYouMean(name, exported.keys())));
    }
}

/** The first file that the value names; its names as text where there is none. */
function fileNamed(value: Value, rendering: Rendering): { path: string; compiled: Compiled } | string {
  const names = (isList(defined(value)) && isList(value) ? value : [value]).map((each) =>
    takeText(each, "the name of a template"),
  );
  const files = filesOf(rendering);
  for (const name of names) {
    const path = findProjectFile(inside(name), "templates", files);
    if (path !== undefined) return { path, compiled: files.included(path, rendering.compiled.settings) };
  }
  return names.join(", ");
}

/** Names count from the folders of the task, and never lead out of them, as in Jinja. */
function inside(name: string): string {
  if (!name.split("/").includes("..")) return name.replace(/^\/+/, "");
  throw new Refusal(`the name '${name}' has '..' in it`, "name the file from templates/ on");
}

function filesOf({ evaluator }: Rendering): ProjectFiles {
  const { files } = evaluator.scope;
  if (files !== undefined) return files;
  throw new Refusal("there are no template files here", "include them in a task, or in a template file of one");
}

function missing(name: string, rendering: Rendering): Refusal {
  const paths = projectPaths(name, "templates", filesOf(rendering).folders);
  return new Refusal(
    `the project has no template '${name}': looked for ${paths.join(", ")}`,
    "text files in templates/ beside the playbook or in its role are sent with it",
  );
}
