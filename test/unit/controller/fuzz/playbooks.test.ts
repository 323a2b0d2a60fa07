import { test } from "vitest";
import { loadProject } from "../../../../controller/project/load-project.ts";
import { openedKeyring } from "../../../../controller/project/vault/keyring.ts";
import { parseVaultText, vaultDigest } from "../../../../controller/project/vault/vault-text.ts";
import type { Draw } from "../../../contract/walks/draw.ts";
import { fuzz, fuzzTimeout, type Input } from "../../../support/fuzz/fuzz.ts";
import { expectGoodErrors } from "../../../support/fuzz/judge.ts";
import { hardYaml, mutated, rubbish } from "../../../support/fuzz/mutate.ts";
import { playbook, realProjects } from "../../../support/fuzz/playbooks.ts";
import { vaultFile, vaultValue } from "../../../support/vault-texts.ts";

const plain = "told-to-nobody";

function digestOf(text: string): string {
  const parsed = parseVaultText(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return vaultDigest(parsed);
}

/** As a run has it: the command has opened what it found. */
const opened = {
  [digestOf(vaultValue.slice(vaultValue.indexOf("$")))]: plain,
  [digestOf(vaultFile)]: `password: ${plain}\nport: ${plain}\n`,
};

/** One file of a project is not as it was, or a playbook of the grammar stands beside one. */
function make(draw: Draw): Input {
  const project = draw.pick(Object.keys(realProjects));
  const files = realProjects[project] ?? {};
  const path = draw.pick(Object.keys(files).filter((each) => each.endsWith("ml")));
  const top = draw.pick(Object.keys(files).filter((each) => each.endsWith("ml") && !each.includes("/")));
  const made = draw.weighted<() => string>([
    [6, () => playbook(draw)],
    [3, () => mutated(playbook(draw), draw)],
    [1, () => hardYaml(draw)],
    [1, () => rubbish(draw)],
  ]);
  return draw.chance(0.5)
    ? {
        "its project": project,
        "its playbook": path.includes("/") ? top : path,
        [path]: mutated(files[path] ?? "", draw),
      }
    : { "its project": project, "its playbook": top, [top]: made() };
}

function judge({ "its project": project = "", "its playbook": top = "", ...changed }: Input): void {
  const files = { ...realProjects[project], ...changed };
  const keyring = openedKeyring(opened);
  const loaded = loadProject({
    files,
    playbooks: [top],
    inventories: [],
    extraVars: { hosts: "{{ x }}", x: 1 },
    keyring,
  });
  const errors = loaded.ok ? [] : loaded.errors;
  // Places in an encrypted file are those of its plaintext.
  const readable =
    files["secrets.yml"] === vaultFile ? { ...files, "secrets.yml": opened[digestOf(vaultFile)] ?? "" } : files;
  expectGoodErrors(errors, readable);
  if (JSON.stringify(errors).includes(plain)) throw new Error("a secret is told");
}

const share = 0.22;

test(
  "whatever a playbook holds, it is read, or every mistake is told with its place",
  { timeout: fuzzTimeout(share) },
  () => fuzz({ make, judge }, share),
);
