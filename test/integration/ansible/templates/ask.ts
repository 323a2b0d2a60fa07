import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { withContent } from "../../../../controller/run/file-contents.ts";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { projectFiles } from "../../../../controller/template/file-templates.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import { FlashfleetError } from "../../../../shared/errors.ts";
import { template as Template } from "../../../../shared/modules/actions/files.ts";
import { type Case, variables } from "./case.ts";

const directory = fileURLToPath(new URL("project", import.meta.url));

const Answer = z.union([z.object({ value: z.json() }), z.object({ error: z.string() })]);
export type Answer = z.infer<typeof Answer>;

/** What Ansible makes of each case, in one process. */
export async function askAnsible(cases: readonly Case[]): Promise<Answer[]> {
  const script = fileURLToPath(new URL("../templates.py", import.meta.url));
  // The interpreter of Debian's package, whichever comes first on the search path.
  const child = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stdin.end([{ directory, variables }, ...cases].map((each) => `${JSON.stringify(each)}\n`).join(""));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`templates.py ended with ${code}`);
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Answer.parse(JSON.parse(line)));
}

/** The files that templates of the corpus name. */
export async function readProject(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(directory, path)] = await readFile(path, "utf8");
  }
  return files;
}

/** What flashfleet makes of a case. An error of its own has its place. */
export function ask({ template, is, settings }: Case, project: Readonly<Record<string, string>>): Answer {
  const files = { ...project, "x.j2": template };
  const scope = new Scope([variableLayer(variables)], projectFiles(files, [""]));
  try {
    if (is === "argument") return { value: z.json().parse(compileTemplate(template).evaluate(scope)) };
    const parsed = Template.parse({ src: "x.j2", dest: "/x", ...settings });
    const sent = withContent(
      "template",
      { parsed, secrets: {} },
      { files, folders: [""], place: "site.yml:1:1" },
      scope,
    );
    return { value: String(sent.args.parsed.content) };
  } catch (error) {
    if (!(error instanceof FlashfleetError) || error.place === undefined) throw error;
    return { error: `${error.place}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}` };
  }
}

/** What is not the same in two answers: where one refuses the other must, too; a number or nothing alone may be its text in Ansible. */
export function difference(theirs: Answer | undefined, ours: Answer): string | undefined {
  if (theirs === undefined) return "Ansible did not answer";
  if ("error" in theirs && "error" in ours) return undefined;
  const same =
    "value" in theirs && "value" in ours && JSON.stringify(textOf(theirs.value)) === JSON.stringify(textOf(ours.value));
  return same ? undefined : `ansible ${JSON.stringify(theirs)}\n   ours ${JSON.stringify(ours)}`;
}

function textOf(value: unknown): unknown {
  return typeof value === "number" || value === null ? String(value ?? "") : value;
}
