import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: exec beside Ansible's ansible: ${reason}\n`);

describe.skipIf(reason !== undefined)("exec prints what ansible prints", () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await startFleet({ nodes: { n1: {} } });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  test.each([
    [["-m", "command", "-a", "echo one two"]],
    [["-a", "echo"]],
    [["-m", "command", "-a", "false"]],
    [["-m", "debug", "-a", "msg='a  b'"]],
    [["-m", "debug", "-a", "var=inventory_hostname"]],
    [["-m", "debug", "-a", "msg=x", "-C"]],
    [["-m", "ping"]],
    [["-m", "command", "-a", "echo x", "-C"]],
    [["-m", "assert", "-a", "that='1 == 1'"]],
    [["-m", "fail", "-a", "msg=no"]],
    [["-m", "set_fact", "-a", "x=1"]],
    [["--list-hosts"]],
  ])("%j", async (words) => {
    const theirs = await ansible(fleet.directory, ["ansible", "n1", "-i", "n1,", "-c", "local", ...words]);
    const ours = await fleet.cli("exec", "n1", "-i", "n1,", ...words);
    // The code of a failure and what a command ended with, which are ours, and python's place, which is theirs.
    const told = ours.out
      .replaceAll(/^ {4}"code": "\w+",\n/gm, "")
      .replace("false ended with exit code 1", "non-zero return code");
    expect(told, ours.err).toBe(theirs.out.replaceAll(/^ {4}"ansible_facts": \{\n {8}"discovered_.*\n {4}\},\n/gm, ""));
    expect(ours.code).toBe(theirs.code);
  });
});
