import { describe, expect, test } from "vitest";
import { hostLayers, nodeOf } from "../../../../controller/inventory/host-layers.ts";
import { hostsOf } from "../../../../controller/inventory/inventory.ts";
import { inventoryOfNodes } from "../../../../controller/inventory/node-inventory.ts";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import { fleet, load, variable } from "./load.ts";

describe("a YAML inventory", () => {
  const inventory = load({ "hosts.yaml": fleet });

  test("groups and hosts are those that are written, ranges expanded", () => {
    expect(hostsOf(inventory, "targets")).toEqual(["flash01", "flash02", "flash03"]);
    expect(hostsOf(inventory, "initiators")).toEqual(["dba", "dbb", "flash02"]);
    expect(hostsOf(inventory, "ungrouped")).toEqual(["lone"]);
    expect(hostsOf(inventory, "all")).toEqual(["lone", "flash01", "flash02", "flash03", "dba", "dbb"]);
  });

  test.each([
    ["a group's variable reaches its hosts", "flash01", "role", "target"],
    ["a child's variable wins over its parent's", "dba", "role", "db"],
    ["a parent's variable reaches the hosts of its children", "dba", "tier", 1],
    ["a host's own variable wins over its groups'", "flash02", "role", "both"],
    ["yes is true, as Ansible's users write it", "dba", "enabled", true],
    ["a group's variable wins over that of all, in a template of all", "flash01", "url", "10.0.0.1:4421"],
    ["group_names are sorted, without all", "flash02", "group_names", ["databases", "initiators", "targets"]],
    ["groups list their hosts", "lone", "groups.targets | length", 3],
    ["groups know all", "lone", "groups['all'] | length", 6],
  ])("%s", (_, host, expression, value) => {
    expect(variable(inventory, host, expression)).toEqual(value);
  });
});

test("variables stand in Ansible's order of precedence", () => {
  const files: Record<string, string> = {
    "inv/hosts.yaml":
      "all:\n  vars: {x: all inline}\n  children: {g: {hosts: {h: {x: host inline}}, vars: {x: group inline}}}\n",
    "inv/group_vars/all.yaml": "x: all beside",
    "play/group_vars/all/main.yml": "x: all playbook",
    "inv/group_vars/g": "x: group beside",
    "play/group_vars/g.yml": "x: group playbook",
    "inv/host_vars/h.json": '{"x": "host beside"}',
    "play/host_vars/h.yaml": "x: host playbook",
  };
  const order = [
    "all inline",
    "group inline",
    "all beside",
    "all playbook",
    "group beside",
    "group playbook",
    "host inline",
    "host beside",
    "host playbook",
  ];
  for (let winner = order.length - 1; winner >= 0; winner--) {
    expect(variable(load(files, ["inv/hosts.yaml"], ["play"]), "h", "x")).toBe(order[winner]);
    // The winner is taken away, and the next one must win.
    const text = order[winner] ?? "";
    for (const [path, content] of Object.entries(files))
      files[path] = content.replace(`x: ${text}`, "y: 1").replace(`"x": "${text}"`, '"y": 1');
  }
});

test.each([
  ["groups of one depth win by name", "a: {hosts: {h: }, vars: {x: a}}\nb: {hosts: {h: }, vars: {x: b}}", "b"],
  [
    "a priority comes before the name",
    "a: {hosts: {h: }, vars: {x: a, ansible_group_priority: 10}}\nb: {hosts: {h: }, vars: {x: b}}",
    "a",
  ],
  [
    "a child wins over its parent, whatever the parent's priority",
    "a: {vars: {x: a, ansible_group_priority: 10}, children: {c: {hosts: {h: }, vars: {x: c}}}}",
    "c",
  ],
  [
    "a deeper group wins over a shallow one",
    "a: {children: {c: {hosts: {h: }, vars: {x: c}}}}\nb: {hosts: {h: }, vars: {x: b}}",
    "c",
  ],
])("%s", (_, text, value) => {
  expect(variable(load({ "hosts.yaml": text }), "h", "x")).toBe(value);
});

test("several inventories add up, and the later one wins", () => {
  const files = {
    "a.yaml": "g: {hosts: {h: {x: 1, y: 1}}}",
    "b/one.yaml": "g: {hosts: {i: , h: {x: 2}}}",
    "b/two.yml": "k: {hosts: {h: }}",
    "b/notes.md": "- [",
  };
  const inventory = load(files, ["a.yaml", "b", "j,k[1:2],"]);
  expect([...inventory.hosts.keys()]).toEqual(["h", "i", "j", "k1", "k2"]);
  expect(variable(inventory, "h", "[x, y, group_names]")).toEqual([2, 1, ["g", "k"]]);
});

test("an INI inventory", () => {
  const text = `
lone ansible_host=10.0.0.9
[targets]
flash[01:02] address="10.0.0.1" fast=True  # both
db:2222 words='a b'
[targets:vars]
service_id = 4420
[fleet:children]
targets
`;
  const inventory = load({ hosts: text });
  expect(hostsOf(inventory, "fleet")).toEqual(["flash01", "flash02", "db"]);
  expect(variable(inventory, "flash02", "[address, fast, service_id, group_names]")).toEqual([
    "10.0.0.1",
    true,
    4420,
    ["fleet", "targets"],
  ]);
  expect(variable(inventory, "db", "[ansible_port, words]")).toEqual([2222, "a b"]);
});

test("without an inventory the enrolled nodes are grouped by their labels", () => {
  const inventory = inventoryOfNodes([
    { id: "flash01", labels: { targets: true, rack: "a" } },
    { id: "flash02", labels: { targets: true, rack: "b-1" } },
    { id: "db01", labels: {} },
  ]);
  expect(Object.fromEntries([...inventory.groups.keys()].map((name) => [name, hostsOf(inventory, name)]))).toEqual({
    all: ["db01", "flash01", "flash02"],
    ungrouped: ["db01"],
    targets: ["flash01", "flash02"],
    rack_a: ["flash01"],
    rack_b_1: ["flash02"],
  });
  expect(variable(inventory, "flash02", "rack")).toBe("b-1");
});

describe("a host's node", () => {
  const inventory = load({
    "h.yaml":
      'all: {hosts: {Flash01: , db.example.com: , web.example.com: {flashfleet_node: "{{ short }}", short: web}}}',
  });
  const node = (name: string) => {
    const host = inventory.hosts.get(name);
    return host === undefined ? undefined : nodeOf(host);
  };

  test("is its name in lower case, or its variable flashfleet_node", () => {
    expect([node("Flash01"), node("web.example.com")]).toEqual(["flash01", "web"]);
  });

  test("is an error where neither is a node id", () => {
    expect(() => node("db.example.com")).toThrow(
      "cannot tell the node of host 'db.example.com': the name 'db.example.com' is no node id",
    );
  });
});

describe("files of variables", () => {
  test.each([
    ["a folder hides the files of its name", { "group_vars/g/a": "x: 1", "group_vars/g.yml": "y: 1" }, "x"],
    ["so does one without files", { "group_vars/g/": "", "group_vars/g.yml": "y: 1" }, undefined],
    [".yml comes before .yaml", { "group_vars/g.yml": "x: 1", "group_vars/g.yaml": "y: 1" }, "x"],
    ["a file without an ending comes first", { "group_vars/g": "x: 1", "group_vars/g.json": '{"y": 1}' }, "x"],
    [
      "backups, hidden files and other endings are left out",
      { "group_vars/g/a~": "y: 1", "group_vars/g/b.txt": "y: 1" },
      undefined,
    ],
  ])("%s", (_, files, name) => {
    const { inventory, problems } = parseInventory({ files: { h: "[g]\nh\n", ...files }, sources: ["h"] });
    expect(problems).toEqual([]);
    const host = inventory.hosts.get("h");
    expect(host === undefined ? [] : hostLayers(host).flatMap((set) => [...set.names()])).toEqual(
      name === undefined ? [] : [name],
    );
  });
});
