import { afterAll, expect, test } from "vitest";
import { startFleet } from "../../support/fleet.ts";

const fleet = await startFleet();
afterAll(() => fleet[Symbol.asyncDispose]());

test("exec shows what a command printed as Ansible does, and nothing else on stdout", async () => {
  const answer = await fleet.cli("exec", "target", "command", "uname -r");
  expect(answer.out).toMatch(/^target \| CHANGED \| rc=0 >>\n6\.12\.\S+\n$/);
  expect(answer.code).toBe(0);
});

test("exec shows a failed command with its exit code and output", async () => {
  const answer = await fleet.cli("exec", "target", "command", "cat /nowhere");
  expect(answer.out).toMatch(/^target \| FAILED \| rc=1 >>\n.*\/nowhere.*\n$/);
  expect(answer.code).toBe(2);
});

test("exec of a program that is not there says so with a hint", async () => {
  const answer = await fleet.cli("exec", "target", "command", "frobnicate");
  expect(answer.out).toMatch(/^target \| FAILED/);
  expect(answer.out).toContain("there is no such program");
  expect(answer.out).toContain("hint:");
});

test("exec of another module shows its result as JSON, changed the first time only", async () => {
  const first = await fleet.cli("exec", "target", "kernel_module", "name=nvmet");
  expect(first.out).toMatch(/^target \| CHANGED => \{\n/);
  const second = await fleet.cli("exec", "target", "kernel_module", "name=nvmet");
  expect(second.out).toMatch(/^target \| SUCCESS => \{\n/);
});

test("exec takes a pattern over labels", async () => {
  const answer = await fleet.cli("exec", "initiators:!initiator-2", "command", "hostname");
  expect(answer.out).toBe("initiator-1 | CHANGED | rc=0 >>\ninitiator-1\n");
});

test("exec --check runs no command", async () => {
  const answer = await fleet.cli("exec", "target", "command", "uname", "--check");
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.out).toMatch(/^target \| SKIPPED/);
});
