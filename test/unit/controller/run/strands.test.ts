import { describe, expect, test } from "vitest";
import { loadProject } from "../../../../controller/project/load-project.ts";
import { programOf } from "../../../../controller/run/program.ts";
import { Strands } from "../../../../controller/run/strands.ts";

const playbook = `
- hosts: all
  tasks:
    - block: [debug: { msg: one }]
      always: [debug: { msg: two }]
    - debug: { msg: three }
`;

function strandsOf(...hosts: string[]): Strands {
  const loaded = loadProject({ files: { "p.yml": playbook }, playbooks: ["p.yml"], inventories: [] });
  const play = loaded.ok ? loaded.project.playbooks[0]?.plays[0] : undefined;
  if (play === undefined) throw new Error("the playbook cannot be read");
  return new Strands(hosts, programOf(play, false, { tags: [], skip: [] }), () => false);
}

describe("hosts of a batch", () => {
  test("one that fails is harmed at once, takes part in what is done always, and is lost behind it", () => {
    const strands = strandsOf("a", "b");
    strands.next();
    strands.fail("a");
    strands.of("b").done();
    expect([strands.active, strands.unharmed, strands.lost]).toEqual([["a", "b"], ["b"], []]);
    strands.next();
    for (const host of ["a", "b"]) strands.of(host).done();
    strands.next();
    expect([strands.active, strands.unharmed, strands.lost]).toEqual([["b"], ["b"], ["a"]]);
  });

  test("one that is forgiven goes on behind it", () => {
    const strands = strandsOf("a", "b");
    strands.fail("a");
    strands.of("a").forgive();
    strands.of("a").done();
    strands.next();
    expect([strands.unharmed, strands.lost, strands.of("a").leaf !== undefined]).toEqual([["a", "b"], [], true]);
  });
});
