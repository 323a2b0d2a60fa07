import { projectFiles } from "../template/file-templates.ts";
import { findProjectFile } from "../template/project-files.ts";
import { settingsOfFile } from "../template/settings.ts";
import { plainOf } from "../template/tagged.ts";
import { mayBeTemplate } from "../template/template.ts";
import { tasksIn } from "./check-notify.ts";
import type { Context } from "./context.ts";
import { foldersOf } from "./paths.ts";
import type { Item } from "./playbook.ts";
import type { Reader } from "./reader.ts";

/** Tells what is wrong with template files that tasks name outright; those whose names are worked out show when they are used. */
export function checkTemplates(
  reader: Reader,
  items: readonly Item[],
  { files, place }: { files: Context["files"]; place: string },
): void {
  for (const item of tasksIn(items)) {
    if (item.is !== "task" || item.module.name !== "template") continue;
    const args = plainOf(item.module.arguments.json);
    if (typeof args !== "object" || args === null || !("src" in args) || typeof args.src !== "string") continue;
    const { src, ...settings } = args;
    const isCertain = Object.values({ src, ...settings, dest: "" }).every(
      (each) => typeof each !== "string" || !mayBeTemplate(each),
    );
    const project = projectFiles(files, foldersOf(item, place));
    const path = isCertain ? findProjectFile(src, "templates", project) : undefined;
    if (path !== undefined) reader.compiled(() => project.template(path, settingsOfFile(settings)));
  }
}
