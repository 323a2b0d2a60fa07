import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { collectPlaybook } from "../../../../controller/cli/collect-playbook.ts";
import { mostOfFile } from "../../../../shared/modules/actions/files.ts";

test("text files of files and templates go with a playbook, of roles too; what is no text or too large stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ff-collect-"));
  const write = async (name: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  try {
    await write("site.yml", "[]");
    await write("notes.txt", "not asked for");
    await write("files/motd", "hello");
    await write("files/.hidden/x", "h");
    await write("files/picture", new Uint8Array([0x89, 0x50, 0, 1]));
    await write("files/latin1", new Uint8Array([0xe4, 0x0a]));
    await write("files/large", "x".repeat(mostOfFile + 1));
    await write("templates/a.j2", "{{ a }}");
    await write("roles/app/files/f", "f");
    await write("roles/app/templates/t", "t");
    await write("roles/app/tasks/main.yml", "[]");
    await write("roles/app/readme", "r");
    const files: Record<string, string> = {};
    await collectPlaybook(files, join(folder, "site.yml"));
    expect(
      Object.keys(files)
        .map((path) => path.slice(folder.length + 1))
        .sort(),
    ).toEqual([
      "files/.hidden/x",
      "files/motd",
      "roles/app/files/f",
      "roles/app/tasks/main.yml",
      "roles/app/templates/t",
      "site.yml",
      "templates/a.j2",
    ]);
    expect(files[join(folder, "templates/a.j2")]).toBe("{{ a }}");
  } finally {
    await rm(folder, { recursive: true });
  }
});
