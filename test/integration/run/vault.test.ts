import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encryptVaultText } from "../../../controller/project/vault/vault-cipher.ts";
import { Secret } from "../../../shared/secret.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const password = "the vault's own password";
const secrets = ["inline-secret-{{one", "file-secret-two", "extra-secret-three", "pem-line-of-secret-four"];
const [inline = "", ofFile = "", ofExtra = "", ofLines = ""] = secrets;

function encrypted(text: string): string {
  return encryptVaultText(text, new Secret(password), { salt: Buffer.alloc(32, text.length) });
}

async function inventory(fleet: TestFleet): Promise<string> {
  const value = encrypted(inline).trim().replaceAll("\n", "\n      ");
  await fleet.file("inv/group_vars/all/plain.yml", `inline: !vault |\n      ${value}\n`);
  await fleet.file(
    "inv/group_vars/all/vault.yml",
    encrypted(`of_file: ${ofFile}\nlines: |\n  -----BEGIN-----\n  ${ofLines}\nserial_number: 123456\n`),
  );
  return fleet.file("inv/hosts.yaml", "all: {hosts: {target: }}\n");
}

const playbook = `- name: Play of {{ of_extra }}
  hosts: all
  gather_facts: false
  tasks:
    - name: Task of {{ inline }}
      command: { argv: [echo, "{{ inline }}", "{{ of_file }}", "{{ of_extra }}"] }
    - debug: { msg: ["{{ inline }}", "{{ lines }}", "{{ serial_number }}", "{{ [inline] | to_json }}"] }
    - command: { argv: [echo, "{{ lines }}"] }
    - debug: { msg: "{{ item }}" }
      loop: ["{{ of_file }}", ok]
    - assert: { that: of_file == '${ofFile}' and serial_number == 123456, fail_msg: "no {{ inline }}" }
    - assert: { that: false, fail_msg: "so {{ inline }}" }
`;

async function expectNowhere(fleet: TestFleet): Promise<void> {
  const entries = await readdir(fleet.data, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.some((file) => file.includes("/jetstream/"))).toBe(true);
  for (const file of files) {
    const content = await readFile(file);
    for (const secret of [password, ...secrets]) expect(content.includes(secret), `${secret} in ${file}`).toBe(false);
  }
  for (const secret of [password, ...secrets]) expect(fleet.logs.join("")).not.toContain(secret);
}

test("what a vault kept reaches the tasks, and is seen nowhere: not in the output, not in JSON, not on the controller's disk", async () => {
  await using fleet = await startFleet({ nodes: { target: { label: "targets" } } });
  const hosts = await inventory(fleet);
  const extra = await fleet.file("extra.yml", encrypted(`of_extra: ${ofExtra}\n`));
  const key = await fleet.file("password", `${password}\n`);
  const play = await fleet.file("play.yaml", playbook);
  for (const more of [["-v"], ["-o", "json"], ["--check"]]) {
    const answer = await fleet.cli("run", "-i", hosts, play, "-e", `@${extra}`, "--vault-password-file", key, ...more);
    expect(answer.code, answer.out + answer.err).toBe(2);
    expect(answer.out).toContain("so [secret]");
    expect(answer.out).toContain("Play of [secret]");
    for (const secret of secrets) expect(answer.out + answer.err).not.toContain(secret);
    expect(answer.out).not.toContain("123456");
  }
  await expectNowhere(fleet);
});

test("a program prints the password, and a vault id chooses among several", async () => {
  await using fleet = await startFleet({ nodes: { target: {} } });
  const hosts = await inventory(fleet);
  const program = await fleet.file("password.sh", `#!/bin/sh\necho "${password}"\n`);
  await chmod(program, 0o700);
  const wrong = await fleet.file("wrong", "wrong\n");
  const play = await fleet.file("play.yaml", "- hosts: all\n  tasks: [{assert: {that: of_file != ''}}]\n");
  const run = (...options: string[]) => fleet.cli("run", "-i", hosts, play, ...options);
  expect((await run("--vault-id", `prod@${program}`, "--vault-id", `dev@${wrong}`)).code).toBe(0);
  const refused = await run("--vault-id", `dev@${wrong}`);
  expect(refused.code).toBe(3);
  expect(refused.err).toContain("vault.yml:1:1: cannot read");
  expect(refused.err).toContain("no vault password that was given opens it");
  const none = await run();
  expect(none.code).toBe(3);
  expect(none.err).toContain("no vault password was given\n  hint: --vault-id LABEL@FILE");
});
