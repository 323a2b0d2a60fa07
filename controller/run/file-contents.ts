import { FlashfleetError } from "../../shared/errors.ts";
import type { ActionName } from "../../shared/modules/actions/actions.ts";
import { copy, mostOfFile, type TemplateArguments, template } from "../../shared/modules/actions/files.ts";
import { folderOf } from "../project/paths.ts";
import { Budget } from "../template/budget.ts";
import { projectFiles } from "../template/file-templates.ts";
import { findProjectFile, projectPaths } from "../template/project-files.ts";
import { type Layer, type Scope, valueLayer } from "../template/scope.ts";
import { settingsOfFile } from "../template/settings.ts";
import { Undefined } from "../template/value.ts";
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

/**
 * Adds what a node cannot know: the content of the project's file that `copy` names, or of a template, evaluated for this
 * host. Everything else is sent as it is. Throws `not_found`, `bad_argument`, and `bad_template` with the place in the template.
 */
export function withContent(name: ActionName, args: EvaluatedArguments, task: TaskFiles, scope: Scope): Sent {
  if (name !== "copy" && name !== "template") return { name, args };
  if (name === "template") return asCopy(args, task, scope);
  const { src, content } = args.parsed;
  if (typeof src === "string" && content !== undefined) {
    throw new FlashfleetError("bad_argument", "cannot copy: src and content are both given", {
      hint: "src names a file of the project, content is the text itself",
      place: task.place,
    });
  }
  // What is missing altogether is the action's own to say.
  if (typeof src !== "string") return { name: "copy", args };
  const { path, text } = fileNamed(src, "files", task);
  assertSize(Buffer.byteLength(text), path, task.place);
  return { name: "copy", args: { ...args, parsed: { ...args.parsed, src: path, content: text } } };
}

/** A template as the node gets it: its text, and what `copy` takes. */
function asCopy(args: EvaluatedArguments, task: TaskFiles, scope: Scope): Sent {
  const given = template.parse(args.parsed);
  const { path } = fileNamed(given.src, "templates", task);
  const content = rendered(path, given, task, scope);
  assertSize(Buffer.byteLength(content), path, task.place);
  const kept = Object.entries(args.parsed).filter(([key]) => Object.hasOwn(copy.shape, key));
  return { name: "copy", args: { ...args, parsed: { ...Object.fromEntries(kept), src: path, content } } };
}

function fileNamed(src: string, kind: "files" | "templates", { files, folders, place }: TaskFiles) {
  const paths = projectPaths(src, kind, folders);
  const path = findProjectFile(src, kind, { texts: files, folders });
  const text = path === undefined ? undefined : files[path];
  if (path === undefined || text === undefined) {
    const isFolder = Object.keys(files).some((each) => paths.some((one) => each.startsWith(`${one}/`)));
    throw new FlashfleetError(
      "not_found",
      isFolder
        ? `cannot copy ${src}: it is a folder`
        : `cannot find ${src} among the project's files: looked for ${paths.join(", ")}`,
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

const elsewhere = (name: string) =>
  new Undefined(
    `'${name}' is not the same everywhere and tomorrow`,
    `leave it out, or give it as a variable: -e ${name}=…`,
  );

/** What Ansible tells template files about themselves. */
function templateVariables(path: string, { src, dest }: TemplateArguments): Layer {
  return valueLayer({
    ansible_managed: "Ansible managed",
    template_path: src,
    template_fullpath: path,
    template_destpath: dest,
    template_host: elsewhere("template_host"),
    template_uid: elsewhere("template_uid"),
    template_mtime: elsewhere("template_mtime"),
    template_run_date: elsewhere("template_run_date"),
  });
}

/** A template file's text for a host. What it includes is looked for where the task looks, and then beside it. */
function rendered(path: string, args: TemplateArguments, task: TaskFiles, scope: Scope): string {
  const files = projectFiles(task.files, [...task.folders, folderOf(path)]);
  const seen = scope.with(templateVariables(path, args)).seeing(files);
  return files.template(path, settingsOfFile(args)).render(seen, new Budget());
}

function assertSize(bytes: number, path: string, place: string): void {
  if (bytes <= mostOfFile) return;
  throw new FlashfleetError("bad_argument", `cannot send ${path}: it has ${bytes} bytes, more than ${mostOfFile}`, {
    hint: "let the node fetch it, with command:",
    place,
  });
}
