import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openedKeyring, passwordKeyring, unlock } from "../../../../../controller/project/vault/keyring.ts";
import { encryptVaultText } from "../../../../../controller/project/vault/vault-cipher.ts";
import { parseVaultText } from "../../../../../controller/project/vault/vault-text.ts";
import { Secret } from "../../../../../shared/secret.ts";
import { prodFile, prodPassword, vaultFile, vaultPassword, vaultPlaintext } from "../../../../support/vault-texts.ts";

const keyring = (...passwords: [label: string | undefined, password: string][]) =>
  passwordKeyring(passwords.map(([label, password]) => ({ label, password: new Secret(password) })));

function plaintext(text: string, ...passwords: Parameters<typeof keyring>): string | undefined {
  const unlocked = unlock(text, keyring(...passwords));
  return unlocked.is === "open" ? unlocked.plaintext.reveal() : undefined;
}

describe("what ansible-vault encrypted", () => {
  test("opens with its password", () => {
    expect(plaintext(vaultFile, [undefined, vaultPassword])).toBe(vaultPlaintext);
    expect(plaintext(prodFile, ["prod", prodPassword])).toBe(vaultPlaintext);
  });

  test("opens under another vault id too, and without one, as in Ansible", () => {
    expect(plaintext(prodFile, ["dev", "wrong"], ["test", prodPassword])).toBe(vaultPlaintext);
    expect(plaintext(prodFile, [undefined, prodPassword])).toBe(vaultPlaintext);
  });

  test("opens with lines broken elsewhere, and with white space around them", () => {
    const [header, ...lines] = vaultFile.trim().split("\n");
    expect(
      plaintext(`${header}\r\n${lines.join("").replaceAll(/(.{7})/g, "  $1 \r\n")}`, [undefined, vaultPassword]),
    ).toBe(vaultPlaintext);
  });
});

test("every text comes back as it was, under its password alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ minLength: 1 }), (text, password) => {
      const encrypted = encryptVaultText(text, new Secret(password));
      expect(encrypted).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n([0-9a-f]{80}\n)*[0-9a-f]{1,80}\n$/);
      expect(plaintext(encrypted, [undefined, `${password}!`], [undefined, password])).toBe(text);
      expect(plaintext(encrypted, [undefined, `${password}!`])).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});

test("a label makes format 1.2, and default none", () => {
  const header = (label: string) => encryptVaultText("x", new Secret("p"), { label }).split("\n")[0];
  expect([header("prod"), header("default")]).toEqual(["$ANSIBLE_VAULT;1.2;AES256;prod", "$ANSIBLE_VAULT;1.1;AES256"]);
});

describe("what cannot be opened says why", () => {
  test.each([
    [
      "without a password",
      undefined,
      vaultFile,
      "it is encrypted, and no vault password was given",
      "--vault-id LABEL@FILE, --vault-password-file FILE or --ask-vault-pass",
    ],
    [
      "with a wrong password",
      keyring([undefined, "wrong"]),
      vaultFile,
      "it is encrypted, and no vault password that was given opens it",
      "the password is another one, or the encrypted text was changed",
    ],
    [
      "with the password of another vault id",
      keyring(["dev", "wrong"]),
      prodFile,
      "it is encrypted, and no vault password that was given opens it",
      "it was encrypted under the vault id 'prod': --vault-id prod@FILE",
    ],
  ])("%s", (_, given, text, reason, hint) => {
    expect(unlock(text, given)).toEqual({ is: "locked", reason, hint });
  });

  test("a changed text is not opened by its password", () => {
    const digits = vaultFile.split("\n").slice(1).join("");
    // The last byte of the inner text: a digit of the ciphertext.
    const changed = `$ANSIBLE_VAULT;1.1;AES256\n${digits.slice(0, -2)}${digits.endsWith("35") ? "36" : "35"}`;
    expect(unlock(changed, keyring([undefined, vaultPassword])).is).toBe("locked");
  });

  test.each([
    ["no digits", "$ANSIBLE_VAULT;1.1;AES256\n"],
    ["other characters", vaultFile.replace(/\n../, "\nzz")],
    ["a part alone", vaultFile.slice(0, 300)],
    ["a digit too few", vaultFile.trim().slice(0, -1)],
    ["an unknown version", vaultFile.replace("1.1", "2.0")],
    ["an unknown cipher", vaultFile.replace("AES256", "ROT13")],
    ["the old format", vaultFile.replace("1.1;AES256", "1.0;AES")],
  ])("damaged: %s", (_, text) => {
    expect(unlock(text, keyring([undefined, vaultPassword]))).toMatchObject({ is: "damaged" });
  });

  test("any damage is told, and none throws", () => {
    fc.assert(
      fc.property(fc.nat(vaultFile.length), fc.string({ maxLength: 3 }), (at, put) => {
        const text = vaultFile.slice(0, at) + put + vaultFile.slice(at + put.length + 1);
        const parsed = parseVaultText(text);
        if ("problem" in parsed) expect(parsed.problem.length).toBeGreaterThan(5);
      }),
    );
  });
});

test("what one side opened, the other reads without a password", () => {
  const opener = keyring([undefined, vaultPassword], ["prod", prodPassword]);
  for (const text of [vaultFile, prodFile, vaultFile]) unlock(text, opener);
  const opened = opener.opened();
  expect(Object.values(opened)).toEqual([vaultPlaintext, vaultPlaintext]);
  expect(JSON.stringify(opened)).not.toContain(vaultPassword);
  expect(unlock(prodFile, openedKeyring(opened)).is).toBe("open");
  expect(unlock(prodFile, openedKeyring({})).is).toBe("locked");
});
