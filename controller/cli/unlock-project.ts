import type { Project } from "../api/messages.ts";
import { passwordKeyring, type VaultPassword } from "../project/vault/keyring.ts";
import { parseYaml } from "../project/yaml.ts";

/**
 * Opens what in a project is encrypted, as far as the passwords go: the controller is told what was opened, never a password. What
 * stays closed is a mistake there only if it is needed.
 */
export function unlockProject(
  project: Project,
  passwords: readonly VaultPassword[],
  secrets: readonly string[],
): Project {
  if (passwords.length === 0) return project;
  const keyring = passwordKeyring(passwords);
  for (const [path, text] of Object.entries(project.files))
    if (text.includes("$ANSIBLE_VAULT;")) parseYaml(path, text, "bad_inventory", { keyring });
  return { ...project, vault: { opened: keyring.opened(), secrets: [...secrets] } };
}
