import { describe, expect, test } from "vitest";
import { foldersOf } from "../../../../controller/project/paths.ts";
import { withContent } from "../../../../controller/run/file-contents.ts";
import { Scope, valueLayer } from "../../../../controller/template/scope.ts";

const files = {
  "site.yml": "",
  "files/motd": "of the playbook\n",
  "roles/app/files/motd": "of the role\n",
  "roles/app/files/folder/a": "a",
  "templates/conf.j2": "{# no line of its own #}\nport = {{ port }}\n# {{ ansible_managed }}\n",
  "templates/loop.j2": "a\n{% for x in y %}\n",
  "templates/missing.j2": "a\n  {{ prot }}\n",
  "files/secret": "$ANSIBLE_VAULT;1.1;AES256\n00",
};
const scope = new Scope([valueLayer({ port: 4420 })]);

function sent(name: "copy" | "template" | "file", parsed: Record<string, unknown>, role?: string) {
  const task = {
    role: role === undefined ? undefined : { folder: role },
    place: role === undefined ? "site.yml:3:5" : `${role}/tasks/main.yml:1:3`,
  };
  const folders = foldersOf(task, "site.yml:1:3");
  return withContent(name, { parsed, secrets: {} }, { files, folders, place: task.place }, scope);
}

describe("what is sent to a node", () => {
  test.each([
    ["of the playbook\n", undefined],
    ["of the role\n", "roles/app"],
  ])("is the text %j for the role %s", (content, role) => {
    expect(sent("copy", { src: "motd", dest: "/etc/motd" }, role).args.parsed).toMatchObject({
      dest: "/etc/motd",
      content,
    });
  });

  test("is a template's text, as a copy, without the newline behind a comment", () => {
    const { name, args } = sent("template", { src: "conf.j2", dest: "/c" });
    expect([name, args.parsed.content]).toEqual(["copy", "port = 4420\n# Ansible managed\n"]);
  });

  test("is everything else as it is", () => {
    expect(sent("file", { path: "/x", src: "motd" })).toMatchObject({
      name: "file",
      args: { parsed: { src: "motd" } },
    });
    expect(sent("copy", { content: "{{ x }}", dest: "/x" }).args.parsed).toEqual({ content: "{{ x }}", dest: "/x" });
  });

  test.each([
    [
      "copy",
      { src: "none" },
      "not_found",
      "cannot find none among the project's files: looked for files/none, none",
      "site.yml:3:5",
    ],
    ["copy", { src: "/etc/hosts" }, "not_found", "cannot find /etc/hosts among", "site.yml:3:5"],
    ["copy", { src: "motd", content: "x" }, "bad_argument", "src and content are both given", "site.yml:3:5"],
    ["copy", { src: "secret" }, "bad_argument", "it is encrypted", "site.yml:3:5"],
    ["template", { src: "loop.j2" }, "bad_template", "{% for %} is never closed", "templates/loop.j2:2:1"],
    ["template", { src: "missing.j2" }, "bad_template", "'prot' is undefined", "templates/missing.j2:2:6"],
  ] as const)("is refused: %s %j", (name, parsed, code, message, place) => {
    expect(() => sent(name, { dest: "/x", ...parsed })).toThrow(
      expect.objectContaining({ code, place, message: expect.stringContaining(message) }),
    );
  });

  test("is no folder", () => {
    expect(() => sent("copy", { src: "folder", dest: "/x" }, "roles/app")).toThrow(
      "cannot copy folder: it is a folder",
    );
  });
});
