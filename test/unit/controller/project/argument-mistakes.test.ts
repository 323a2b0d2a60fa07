import { describe, expect, test } from "vitest";
import { task } from "../../../support/mistakes.ts";

describe("a module's arguments", () => {
  test.each([
    [
      "an unknown one",
      ["- nvmet_port: {adress: a, address: b}"],
      "p.yaml:3:20: cannot read nvmet_port of the task: there is no argument 'adress'\n  hint: did you mean 'address'?",
    ],
    [
      "one that is missing",
      ["- nvmet_port:", "    id: 1"],
      "p.yaml:3:7: cannot read nvmet_port of the task: 'address' is missing",
    ],
    [
      "a wrong choice",
      ["- nvmet_port:", "    address: a", "    transport: tpc"],
      "p.yaml:5:20: cannot read nvmet_port of the task: 'transport' must be tcp, rdma, fc or loop, got the text 'tpc'\n  hint: did you mean 'tcp'?",
    ],
    [
      "text for a number",
      ["- nvmet_subsystem:", "    nqn: a", "    namespaces:", "      - nsid: one"],
      "p.yaml:6:19: cannot read nvmet_subsystem of the task: 'namespaces[0].nsid' must be a number, got the text 'one'",
    ],
    [
      "a number out of bounds",
      ["- nvmet_port: {address: a, id: 70000}"],
      "p.yaml:3:36: cannot read nvmet_port of the task: 'id' must be at most 65535, got 70000",
    ],
    [
      "an unknown one within, beside templates",
      ["- nvmet_subsystem:", '    nqn: "{{ nqn }}"', "    namespaces:", '      - {nsid: 1, devise: "{{ d }}"}'],
      "p.yaml:6:23: cannot read nvmet_subsystem of the task: there is no 'devise' in 'namespaces[0]'\n  hint: did you mean 'device'?",
    ],
    [
      "a service id of zero",
      ["- nvmet_port: {address: a, service_id: 0}"],
      "p.yaml:3:44: cannot read nvmet_port of the task: 'service_id' is wrong: a service id is a port number, 1 to 65535, got 0",
    ],
    [
      "a choice of types",
      ["- assert: {that: {a: b}}"],
      "p.yaml:3:22: cannot read assert of the task: 'that' must be text, true or false or a list, got a mapping",
    ],
    [
      "text that YAML reads as false",
      ["- nvmet_subsystem: {nqn: a, model: no}"],
      "p.yaml:3:40: cannot read nvmet_subsystem of the task: 'model' must be text, got false\n  hint: put quotes around the text: without them yes, no, on and off are true or false",
    ],
    [
      "a list instead of a mapping",
      ["- nvmet_port: [a]"],
      "p.yaml:3:19: cannot read nvmet_port of the task: its arguments must be a mapping, got a list",
    ],
    [
      "bare text where none is taken",
      ["- nvmet_port: up id=1"],
      "p.yaml:3:19: cannot read nvmet_port of the task: its arguments must be a mapping or name=value, got 'up'\n  hint: write the arguments below it, one a line",
    ],
    [
      "a key that is none, without showing it",
      ["- nvmet_host: {nqn: a, dhchap_key: 'DHHC-1:00:c2VjcmV0:'}"],
      "p.yaml:3:40: cannot read nvmet_host of the task: 'dhchap_key' is wrong: the key has 2 bytes: 32, 48 or 64 are possible",
    ],
  ])("%s", (_, lines, told) => {
    expect(task(...lines)).toEqual([told]);
  });
});
