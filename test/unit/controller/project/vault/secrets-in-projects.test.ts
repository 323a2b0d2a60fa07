import { describe, expect, test } from "vitest";
import { hostLayers } from "../../../../../controller/inventory/host-layers.ts";
import { listInventory } from "../../../../../controller/inventory/listing.ts";
import { loadProject } from "../../../../../controller/project/load-project.ts";
import { type Keyring, passwordKeyring } from "../../../../../controller/project/vault/keyring.ts";
import { encryptVaultText } from "../../../../../controller/project/vault/vault-cipher.ts";
import { Scope } from "../../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../../controller/template/template.ts";
import { renderError } from "../../../../../shared/errors.ts";
import { Secret } from "../../../../../shared/secret.ts";
import { vaultFile, vaultPassword, vaultValue } from "../../../../support/vault-texts.ts";

const withPassword = () => passwordKeyring([{ label: undefined, password: new Secret(vaultPassword) }]);
const inventory = "all:\n  hosts:\n    h:\n      inventory_hostname: h\n";

function load(files: Record<string, string>, keyring: Keyring | undefined) {
  const playbooks = Object.keys(files).filter((path) => path.startsWith("play"));
  const loaded = loadProject({ files: { "h.yaml": inventory, ...files }, playbooks, inventories: ["h.yaml"], keyring });
  if (!loaded.ok) throw new Error(loaded.errors.map(renderError).join("\n"));
  return loaded.project;
}

function evaluate(files: Record<string, string>, expression: string, keyring: Keyring | undefined) {
  const host = load(files, keyring).inventory?.hosts.get("h");
  if (host === undefined) throw new Error("no host h");
  return compileTemplate(`{{ ${expression} }}`).evaluate(new Scope(hostLayers(host)));
}

describe("an encrypted file of variables", () => {
  const files = { "group_vars/all/vault.yml": vaultFile };

  test("reads as its plaintext: a template in it is one", () => {
    expect(evaluate({ "group_vars/all.yml": "url: x", "host_vars/h.yml": vaultFile }, "url", withPassword())).toBe(
      "tcp://h",
    );
    expect(evaluate(files, "port + 1", withPassword())).toBe(4421);
  });

  test("all its values are secrets, and a listing shows none", () => {
    const keyring = withPassword();
    const project = load(files, keyring);
    expect([...keyring.secrets]).toEqual(["s3cret-one", "4420", "tcp://{{ inventory_hostname }}"]);
    const listing = JSON.stringify(project.inventory === undefined ? "" : listInventory(project.inventory));
    expect(listing).toContain('"password":"[secret]","port":"[secret]"');
    expect(listing).not.toContain("s3cret");
  });

  test("is a mistake where nothing opens it, with its place and a remedy", () => {
    expect(() => load(files, undefined)).toThrow(
      "group_vars/all/vault.yml:1:1: cannot read group_vars/all/vault.yml: it is encrypted, and no vault password was given\n  hint: --vault-id LABEL@FILE, --vault-password-file FILE or --ask-vault-pass",
    );
  });

  test("is left alone where its group is not in the inventory", () => {
    expect(() => load({ "group_vars/prod.yml": vaultFile }, undefined)).not.toThrow();
  });

  test("a mistake in its plaintext has a place there", () => {
    const text = encryptVaultText("a: 1\nb: 'x{{ c'\n", new Secret(vaultPassword));
    expect(() => load({ "group_vars/all/vault.yml": text }, withPassword())).toThrow("group_vars/all/vault.yml:2:");
  });
});

describe("an encrypted value", () => {
  const files = { "group_vars/all.yml": `plain: 1\npassword: ${vaultValue}\nnext: 2\n` };

  test("is text, whatever stands in it: no template", () => {
    expect(evaluate(files, "[password, next]", withPassword())).toEqual(["p{{ss-word", 2]);
    expect(evaluate({ "host_vars/h.yml": "a: '{{ b }}'\nb: !unsafe '{{ c'" }, "[a, b]", undefined)).toEqual([
      "{{ c",
      "{{ c",
    ]);
  });

  test("is a mistake only where it is used, with the place of the value", () => {
    expect(evaluate(files, "next", undefined)).toBe(2);
    expect(() => evaluate(files, "password", undefined)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("it is encrypted, and no vault password was given"),
        place: expect.stringMatching(/^group_vars\/all\.yml:\d+:\d+$/),
        hint: expect.stringContaining("--vault-password-file"),
      }),
    );
  });

  test("that is damaged is a mistake at once", () => {
    expect(() => load({ "group_vars/all.yml": "p: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3030" }, undefined)).toThrow(
      "group_vars/all.yml:1:11: cannot read group_vars/all.yml: a value behind '!vault' cannot be read: the encrypted text is damaged",
    );
  });

  test("is listed as it stands in the file", () => {
    const project = load(files, withPassword());
    const listing = JSON.stringify(project.inventory === undefined ? "" : listInventory(project.inventory));
    expect(listing).toContain('"password":{"__ansible_vault":"$ANSIBLE_VAULT;1.1;AES256\\n');
    expect(listing).not.toContain("ss-word");
  });
});

describe("a playbook", () => {
  const play = (rest: string) => `- hosts: all\n  ${rest}\n`;

  test("takes encrypted values, encrypted files of variables, and may be encrypted itself", () => {
    const keyring = withPassword();
    load({ "play.yaml": play(`vars:\n    key: ${vaultValue}`) }, keyring);
    expect([...keyring.secrets]).toEqual(["p{{ss-word"]);
    const second = withPassword();
    load({ "play.yaml": play("vars_files: v.yml"), "v.yml": vaultFile }, second);
    expect([...second.secrets]).toContain("s3cret-one");
  });

  test("with a value that nothing opens loads, and an argument that is one is not checked before it is known", () => {
    const files = {
      "play.yaml": play(`tasks:\n    - nvmet_host: {nqn: x, dhchap_key: "{{ key }}"}\n  vars:\n    key: ${vaultValue}`),
    };
    expect(() => load(files, undefined)).not.toThrow();
    const argument = { "play.yaml": `- hosts: all\n  tasks:\n  - debug:\n     msg: ${vaultValue}\n` };
    expect(() => load(argument, withPassword())).not.toThrow();
  });
});
