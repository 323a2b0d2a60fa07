import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encryptVaultText } from "../../../controller/project/vault/vault-cipher.ts";
import { Secret } from "../../../shared/secret.ts";
import { flashfleet } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startFleet({ nodes: { n1: {} } });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const password = "the vault's own password";
const encrypted = (text: string) => encryptVaultText(text, new Secret(password), { salt: Buffer.alloc(32, 7) });

const playbook = `- hosts: all
  gather_facts: false
  vars_prompt:
    - { name: shown, private: false }
    - { name: hidden }
  vars_files: [secret.yml]
  tasks:
    - assert: { that: of_vault | length == 17 and hidden | length == 12 and shown == 'typed' }
    - command: { argv: [echo, "{{ shown }}"] }
`;

/** A person who answers by the name that is asked for. */
function person(answers: Record<string, string>) {
  const asked: string[] = [];
  const answer = async (question: string) => {
    const name = question.replace(/:.*/, "");
    asked.push(name);
    return answers[name];
  };
  return { asked, answer };
}

test("a saved plan holds nothing of what a vault kept or somebody typed unseen; apply asks for it again", async () => {
  await fleet.file("secret.yml", encrypted("of_vault: kept-by-the-vault\n"));
  const play = await fleet.file("play.yml", playbook);
  const key = await fleet.file("password", `${password}\n`);
  const file = join(fleet.directory, "secret.plan");
  const first = person({ shown: "typed", hidden: "typed-unseen" });
  const unlocked = ["--vault-password-file", key];
  const planned = await flashfleet(fleet.environment, ["plan", play, "--save", file, ...unlocked], first);
  expect(planned.code, planned.out + planned.err).toBe(0);
  const text = await readFile(file, "utf8");
  for (const secret of ["kept-by-the-vault", "typed-unseen", password]) expect(text).not.toContain(secret);

  const second = person({ hidden: "typed-unseen" });
  const locked = await flashfleet(fleet.environment, ["apply", file], second);
  expect([locked.code, locked.err]).toEqual([3, expect.stringContaining("no vault password was given")]);
  const applied = await flashfleet(fleet.environment, ["apply", file, ...unlocked], second);
  expect(applied.code, applied.out + applied.err).toBe(0);
  expect(new Set(second.asked)).toEqual(new Set(["hidden"]));
  expect(applied.out).toContain("changed: [n1]");
});

test("a plan is not saved where values of -e are encrypted", async () => {
  const extra = await fleet.file(
    "extra.yml",
    `token: !vault |\n  ${encrypted("t0ken").trim().replaceAll("\n", "\n  ")}\n`,
  );
  const play = await fleet.file("extra-play.yml", "- hosts: all\n  gather_facts: false\n  tasks: []\n");
  const key = await fleet.file("password", `${password}\n`);
  const file = join(fleet.directory, "extra.plan");
  const words = ["plan", play, "-e", `@${extra}`, "--vault-password-file", key, "--save", file];
  const { code, err } = await fleet.cli(...words);
  expect([code, err]).toEqual([5, expect.stringContaining("values of -e are encrypted")]);
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

test("a plan is for the nodes of then: one that came since is none of its hosts", async () => {
  const play = await fleet.file("all.yml", '- hosts: all\n  gather_facts: false\n  tasks: [{ command: "true" }]\n');
  const file = join(fleet.directory, "all.plan");
  expect((await fleet.cli("plan", play, "--save", file)).code).toBe(0);
  await fleet.addNode("n2");
  const { code, out } = await fleet.cli("apply", file);
  expect([code, out]).toEqual([0, expect.stringContaining("changed: [n1]")]);
  expect(out).not.toContain("n2");
});
