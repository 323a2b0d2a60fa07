import { describe, expect, test } from "vitest";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import { renderError } from "../../../../shared/errors.ts";
import { fleet, load, variable } from "./load.ts";

describe("a mistake in an inventory names its place", () => {
  test.each([
    [
      "an unknown key",
      { "h.yaml": "all:\n  host:\n    a:\n" },
      "h.yaml:2:3: cannot read h.yaml: the group 'all' has no key 'host'\n  hint: did you mean 'hosts'?",
    ],
    [
      "a list of hosts",
      { "h.yaml": "all:\n  hosts:\n    - a\n" },
      "h.yaml:3:5: cannot read h.yaml: hosts of 'all' must be a mapping, got a list\n  hint: write 'name:' on a line of its own, without a dash",
    ],
    [
      "a cycle",
      { "h.yaml": "a: {children: {b: }}\nb: {children: {a: }}\n" },
      "h.yaml:2:16: cannot read the inventory: the group 'a' is its own child: a → b → a\n  hint: take it out of one of them",
    ],
    [
      "a range that goes down",
      { "h.yaml": "all: {hosts: {'n[3:1]': }}" },
      "h.yaml:1:15: cannot read h.yaml: '[3:1]' in 'n[3:1]' is no range: it goes up, from a number to a number or from a letter to a letter",
    ],
    [
      "a tab",
      { "h.yaml": "all:\n\thosts:\n" },
      "h.yaml:2:1: cannot read h.yaml: a tab indents the line\n  hint: YAML takes spaces only",
    ],
    [
      "a file that is not there",
      {},
      "cannot read the inventory 'h.yaml': there is no such file or folder\n  hint: hosts instead of a file need a comma: -i host1,",
    ],
    [
      "a plugin",
      { "h.yaml": "plugin: aws_ec2" },
      "h.yaml:1:1: cannot read h.yaml: inventory plugins are not supported\n  hint: write its hosts down: ansible-inventory --list --yaml prints them",
    ],
    [
      "an INI section that there is not",
      { "h.yaml": "", h: "[g:var]\n" },
      "h:1:1: cannot read h: there is no section 'var' of a group\n  hint: the sections are [group], [group:vars] and [group:children]",
    ],
    [
      "a group_vars file that is a list",
      { "h.yaml": "g: ", "group_vars/g.yaml": "- a" },
      "group_vars/g.yaml:1:1: cannot read group_vars/g.yaml: it must be a mapping of variables, got a list",
    ],
  ])("%s", (_, files, told) => {
    const { problems } = parseInventory({ files, sources: Object.hasOwn(files, "h") ? ["h"] : ["h.yaml"] });
    expect(problems.map(renderError)).toEqual([told]);
  });

  test("a template's mistake stands in the inventory's file", () => {
    const inventory = load({ "h.yaml": "all:\n  hosts:\n    h:\n      url: 'x{{ adress }}'\n      address: 1\n" });
    expect(() => variable(inventory, "h", "url")).toThrow(
      expect.objectContaining({ place: "h.yaml:4:17", hint: "did you mean 'address'?" }),
    );
  });
});

describe("what Ansible takes with a warning is taken with one", () => {
  const warnings = (files: Record<string, string>, sources = ["h.yaml"]) => {
    const parsed = parseInventory({ files, sources });
    expect(parsed.problems).toEqual([]);
    return parsed.warnings.map(renderError);
  };

  test.each([
    [
      "a key that is there twice: the later one counts",
      { "h.yaml": "g:\n  hosts:\n    h: {x: 1}\n    h: {x: 2}\n" },
      "h.yaml:4:5: cannot read h.yaml: the key 'h' is there twice\n  hint: the later one counts",
    ],
    [
      "a key that no group has",
      { "h.yaml": "g:\n  comment: {a: 1}\n" },
      "h.yaml:2:3: cannot use 'comment' in h.yaml: it is no key of the group 'g', and is skipped\n  hint: a group has hosts, vars and children; a group within it stands below children",
    ],
    [
      "a value among the groups",
      { "h.yaml": "version: 2\ng: {hosts: {h: }}\n" },
      "h.yaml:1:1: cannot use 'version' in h.yaml: it is no group but a value, and is skipped\n  hint: a group has hosts, vars and children; a group within it stands below children",
    ],
    [
      "one name for a host and a group",
      { "h.yaml": "a: {hosts: {a: }}" },
      "'a' is the name of a host and of a group\n  hint: a pattern means the host",
    ],
  ])("%s", (_, files, told) => {
    expect(warnings(files)).toEqual([told]);
  });

  test("what is as it should be is taken without", () => {
    expect(warnings({ "h.yaml": fleet, "group_vars/all.yml": "x: 1" })).toEqual([]);
  });
});
