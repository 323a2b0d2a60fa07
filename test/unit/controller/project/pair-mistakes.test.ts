import { expect, test } from "vitest";
import { mistakes } from "../../../support/mistakes.ts";

test.each([
  [
    "a pair without volumes",
    "- name: A\n  pair: { initiators: all }\n",
    "p.yaml:2:9: cannot read pair of play 'A': it has no volumes\n  hint: volumes: [{ name: data, size: 1TB }]",
  ],
  [
    "a pair beside hosts",
    "- hosts: all\n  pair: { initiators: all, targets: all, volumes: [{ name: a, size: 1 }] }\n",
    "p.yaml:1:3: cannot read the play: it has hosts and a pair\n  hint: the hosts of a pair play are its initiators",
  ],
  [
    "a volume without a size",
    "- pair: { initiators: all, targets: all, volumes: [{ name: a }] }\n",
    "p.yaml:1:52: cannot read volume 'a': 'size' is missing",
  ],
  [
    "a volume with a field that is none",
    "- pair: { initiators: all, targets: all, volumes: [{ name: a, device: /dev/a, sise: 1TB }] }\n",
    "p.yaml:1:79: cannot read volume 'a': there is no argument 'sise'\n  hint: did you mean 'size'?",
  ],
  [
    "two volumes of one name",
    "- pair: { initiators: all, targets: all, volumes: [{ name: a, size: 1 }, { name: a, size: 1 }] }\n",
    "p.yaml:1:74: cannot read pair of the play: there are two volumes 'a'",
  ],
  [
    "a choice of the pair that is wrong",
    "- pair: { initiators: all, targets: all, paths: 0, volumes: [{ name: a, size: 1 }] }\n",
    "p.yaml:1:49: cannot read pair of the play: 'paths' must be at least 1, got 0",
  ],
])("a pair play: %s", (_, text, told) => {
  expect(mistakes(text)).toEqual([told]);
});
