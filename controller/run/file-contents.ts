import { FlashfleetError } from "../../shared/errors.ts";
import type { ActionName } from "../../shared/modules/actions/actions.ts";
import { mostOfFile } from "../../shared/modules/actions/files.ts";
import { findFile, folderOf, joinPath } from "../project/context.ts";
import { placeInText } from "../template/problem.ts";
import { type Scope, valueLayer } from "../template/scope.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import type { EvaluatedArguments } from "./arguments.ts";

/** The project's files, as one task sees them. */
export interface TaskFiles {
  files: Readonly<Record<string, string>>;
  /** Where the task looks, the nearest first: its role, its own file's folder, the playbook's. */
  folders: readonly string[];
  /** `file:line:column` of the task. */
  place: string;
}

/** An action as it is sent to a node. */
export interface Sent {
  name: Exclude<ActionName, "template">;
  args: EvaluatedArguments;
}

/** Where the files of a task lie. `place` of the play and the task: `file:line:column`. */
export function foldersOf({ role, place }: { role: { folder: string } | undefined; place: string }, playPlace: string) {
  const folders = [role?.folder, folderOf(fileOf(place)), folderOf(fileOf(playPlace))];
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function fileOf(place: string): string {
  return place.replace(/:\d+:\d+$/, "");
}

/**
 * Adds what a node cannot know: the content of the project's file that `copy` names, or of a template, evaluated for this
 * host. Everything else is sent as it is. Throws `not_found`, `bad_argument`, and `bad_template` with the place in the template.
 */
export function withContent(name: ActionName, args: EvaluatedArguments, task: TaskFiles, scope: Scope): Sent {
  if (name !== "copy" && name !== "template") return { name, args };
  const { src, content } = args.parsed;
  if (typeof src === "string" && content !== undefined) {
    throw new FlashfleetError("bad_argument", "cannot copy: src and content are both given", {
      hint: "src names a file of the project, content is the text itself",
      place: task.place,
    });
  }
  // What is missing altogether is the action's own to say.
  if (typeof src !== "string") return { name: "copy", args };
  const { path, text } = fileNamed(src, name === "copy" ? "files" : "templates", task);
  const made = name === "copy" ? text : rendered(path, text, task.files, scope);
  assertSize(Buffer.byteLength(made), path, task.place);
  return { name: "copy", args: { ...args, parsed: { ...args.parsed, src: path, content: made } } };
}

function fileNamed(src: string, kind: "files" | "templates", { files, folders, place }: TaskFiles) {
  const paths = folders.flatMap((folder) => [joinPath(folder, `${kind}/${src}`), joinPath(folder, src)]);
  const path = findFile(files, src.startsWith("/") ? [src] : paths);
  const text = path === undefined ? undefined : files[path];
  if (path === undefined || text === undefined) {
    const isFolder = Object.keys(files).some((each) => paths.some((one) => each.startsWith(`${one}/`)));
    throw new FlashfleetError(
      "not_found",
      isFolder
        ? `cannot copy ${src}: it is a folder`
        : `cannot find ${src} among the project's files: looked for ${[...new Set(paths)].join(", ")}`,
      {
        hint: isFolder
          ? "copy file by file, with loop"
          : `text files of up to ${mostOfFile} bytes in ${kind}/ beside the playbook or in its role are sent with it`,
        place,
      },
    );
  }
  if (text.startsWith("$ANSIBLE_VAULT;")) {
    throw new FlashfleetError("bad_argument", `cannot copy ${path}: it is encrypted`, {
      hint: "keep the secret in a variable of a vault, and give it as content",
      place,
    });
  }
  return { path, text };
}

const compiled = new WeakMap<TaskFiles["files"], Map<string, Template>>();

/** As Ansible evaluates template files: a newline behind a comment goes with it. */
function rendered(path: string, text: string, files: TaskFiles["files"], scope: Scope): string {
  const known = compiled.get(files) ?? new Map<string, Template>();
  compiled.set(files, known);
  const placeOf = placeInText(text);
  const template = known.get(path) ?? compileTemplate(text, (at) => `${path}:${placeOf(at)}`, { trims: true });
  known.set(path, template);
  return template.render(scope.with(valueLayer({ ansible_managed: "Ansible managed" })));
}

function assertSize(bytes: number, path: string, place: string): void {
  if (bytes <= mostOfFile) return;
  throw new FlashfleetError("bad_argument", `cannot send ${path}: it has ${bytes} bytes, more than ${mostOfFile}`, {
    hint: "let the node fetch it, with command:",
    place,
  });
}
