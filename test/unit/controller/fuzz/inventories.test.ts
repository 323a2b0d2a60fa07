import { test } from "vitest";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import type { Draw } from "../../../contract/walks/draw.ts";
import { fuzz, fuzzTimeout, type Input } from "../../../support/fuzz/fuzz.ts";
import { iniInventory, realInventories, yamlInventory } from "../../../support/fuzz/inventories.ts";
import { errorsOf, expectGoodErrors, expectPlace } from "../../../support/fuzz/judge.ts";
import { hardYaml, mutated, rubbish } from "../../../support/fuzz/mutate.ts";

function make(draw: Draw): Input {
  const text = draw.weighted<() => string>([
    [5, () => mutated(draw.pick(realInventories), draw)],
    [4, () => iniInventory(draw)],
    [4, () => yamlInventory(draw)],
    [3, () => mutated(draw.chance(0.5) ? iniInventory(draw) : yamlInventory(draw), draw)],
    [1, () => hardYaml(draw)],
    [1, () => rubbish(draw)],
  ])();
  const path = draw.pick(["hosts", "hosts.yml", "hosts.ini", "group_vars/all.yml", "host_vars/a"]);
  return { "h.yml": "all: {hosts: {a: }}\n", [path]: text };
}

function judge(files: Input): void {
  const [, path = "h.yml"] = Object.keys(files);
  const errors = errorsOf(() => {
    const { problems, warnings, inventory } = parseInventory({
      files,
      sources: path.includes("_vars") ? ["h.yml"] : [path],
    });
    for (const owner of [...inventory.hosts.values(), ...inventory.groups.values()]) {
      const { inline, beside, playbook } = owner.variables;
      for (const set of [inline, beside, playbook])
        for (const name of set.templateNames()) compiles(() => set.get(name));
    }
    // A name may be that of a host in one place and of a group in another.
    for (const { message, place } of warnings) if (place !== undefined) expectPlace({ message, place }, files);
    return problems;
  });
  expectGoodErrors(errors, files, ({ message }) => message.includes("is its own child"));

  function compiles(work: () => unknown): void {
    const told = errorsOf(() => {
      work();
      return [];
    });
    expectGoodErrors(told, files);
  }
}

const share = 0.2;

test(
  "whatever an inventory holds, it is read, or every mistake is told with its place",
  { timeout: fuzzTimeout(share) },
  () => fuzz({ make, judge }, share),
);
