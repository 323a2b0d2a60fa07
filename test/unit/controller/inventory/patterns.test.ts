import { describe, expect, test } from "vitest";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import { matchHosts } from "../../../../controller/inventory/patterns.ts";

const { inventory } = parseInventory({
  files: {
    "h.yaml":
      "web: {hosts: {'w[1:4]': }}\ndb: {hosts: {d1: , d2: , w4: }}\nempty: \nall: {hosts: {lone.example.com: }}",
  },
  sources: ["h.yaml"],
});

describe("the hosts of a pattern", () => {
  test.each<[string, string[]]>([
    ["all", ["lone.example.com", "w1", "w2", "w3", "w4", "d1", "d2"]],
    ["*", ["lone.example.com", "w1", "w2", "w3", "w4", "d1", "d2"]],
    ["web", ["w1", "w2", "w3", "w4"]],
    ["d1", ["d1"]],
    ["web:db", ["w1", "w2", "w3", "w4", "d1", "d2"]],
    ["d1,w2", ["d1", "w2"]],
    ["web:&db", ["w4"]],
    ["web:!db", ["w1", "w2", "w3"]],
    ["!db:web", ["w1", "w2", "w3"]],
    ["!web", ["lone.example.com", "d1", "d2"]],
    ["all:!w*:!lone.*", ["d1", "d2"]],
    ["w?", ["w1", "w2", "w3", "w4"]],
    ["w[12]", []],
    ["w*[0]", ["w1"]],
    ["[wd]1", ["w1", "d1"]],
    ["web[0]", ["w1"]],
    ["web[-1]", ["w4"]],
    ["web[1:2]", ["w2", "w3"]],
    ["web[2:]", ["w3", "w4"]],
    ["web[2:9]", ["w3", "w4"]],
    ["~w[13]", ["w1", "w3"]],
    ["~(w1|d2)$", ["w1", "d2"]],
    ["lone.example.com", ["lone.example.com"]],
    ["@hosts.txt", ["w3", "d1"]],
  ])("%s", (pattern, hosts) => {
    const readFile = (path: string) => (path === "hosts.txt" ? "w3\n# no\nd1\n" : undefined);
    expect(matchHosts(pattern, inventory, { readFile }).hosts).toEqual(hosts);
  });

  test("a limit narrows them", () => {
    expect(matchHosts("web", inventory, { limit: "db:w1" }).hosts).toEqual(["w1", "w4"]);
    expect(matchHosts("web", inventory, { limit: "!w2" }).hosts).toEqual(["w1", "w3", "w4"]);
  });

  test("what names nothing is told, with what was meant", () => {
    expect(matchHosts("wbe:d1:empty", inventory, { limit: "zzzz" }).unmatched).toEqual([
      { name: "wbe", hint: "did you mean 'web'?" },
      { name: "empty", hint: "the group 'empty' has no hosts" },
      { name: "zzzz", hint: undefined },
    ]);
  });

  test.each([
    [
      "~w(",
      "cannot read the pattern '~w(': the regular expression 'w(' is wrong at character 3: a '(' is never closed",
    ],
    ["web[9]", "no host matches web[9]: 'web' has 4"],
    ["", "cannot read the pattern '': it is empty"],
    ["web:!", "cannot read the pattern: '&' or '!' stands before nothing"],
    ["@nowhere", "cannot read the pattern '@nowhere': there is no file 'nowhere'"],
  ])("%s is refused", (pattern, told) => {
    expect(() => matchHosts(pattern, inventory)).toThrow(told);
  });
});
