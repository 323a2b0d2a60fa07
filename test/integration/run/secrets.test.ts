import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dhchapKey, locked, removal, startFleet, type TestFleet } from "../../support/fleet.ts";

/** As it is, and as it could have been written down: without its frame, in hexadecimal, in base64 once more. */
const body = dhchapKey.split(":")[2] ?? "";
const raw = Buffer.from(body, "base64");
const traces = [
  dhchapKey,
  body,
  body.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
  raw.toString("hex"),
  Buffer.from(dhchapKey).toString("base64").slice(0, 40),
];

function expectNone(text: string | Buffer, where: string): void {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for (const trace of traces) expect(bytes.includes(trace), `${trace} is in ${where}`).toBe(false);
  expect(bytes.includes(raw), `the raw key is in ${where}`).toBe(false);
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Looks at every byte that the fleet has on disk, and has logged and said. Gives the files where the key may be. */
async function search(fleet: TestFleet): Promise<string[]> {
  const found: string[] = [];
  const files = await filesBelow(fleet.directory);
  expect(files.some((file) => file.includes("/jetstream/"))).toBe(true);
  for (const file of files) {
    const content = await readFile(file);
    if (!file.endsWith("/secrets.json")) expectNone(content, file);
    else if (content.includes(dhchapKey)) found.push(file.slice(fleet.directory.length));
  }
  expect(fleet.logs.length).toBeGreaterThan(0);
  expectNone(fleet.logs.join(""), "the logs");
  expectNone(fleet.said.join("\n"), "what the controller says");
  return found.sort();
}

const key = ["-e", `dhchap_key=${dhchapKey}`];

describe("a key that is given with -e", () => {
  test("is nowhere but in the secrets.json of the nodes that need it, 0600", async () => {
    await using fleet = await startFleet();
    for (const argv of [
      ["plan", locked, ...key],
      ["plan", locked, ...key, "-o", "json"],
      ["run", locked, ...key, "-v", "-D"],
      ["run", locked, ...key, "-o", "json"],
      ["runs", "-o", "json"],
      ["health", "-o", "json"],
      ["facts", "-o", "json"],
      ["nodes", "-o", "json"],
    ]) {
      const answer = await fleet.cli(...argv);
      expect(answer.code, `${answer.out}${answer.err}`).toBe(0);
      expectNone(answer.out + answer.err, argv.filter((word) => !word.includes("dhchap")).join(" "));
    }
    const holders = await search(fleet);
    expect(holders).toEqual([
      "/nodes/initiator-1/secrets.json",
      "/nodes/initiator-2/secrets.json",
      "/nodes/target/secrets.json",
    ]);
    for (const file of holders) expect((await stat(join(fleet.directory, file))).mode & 0o777).toBe(0o600);

    expect((await fleet.cli("run", removal)).code).toBe(0);
    expect(await search(fleet), "removed with what needed it").toEqual([]);
  });

  test("is left on no disk by a plan", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("plan", locked, ...key)).code).toBe(0);
    expect(await search(fleet)).toEqual([]);
  });

  test("is not in what a failed task says: a wrong key, a key of another shape, a program that prints it", async () => {
    await using fleet = await startFleet();
    const broken = `${dhchapKey.slice(0, -6)}AAAA=:`;
    const wrong = await fleet.cli("run", locked, "-e", `dhchap_key=${broken}`, "-v");
    expect(wrong.code).toBe(2);
    expect(wrong.out).toContain("'dhchap_key' is wrong");
    expect(wrong.out + wrong.err).not.toContain(broken.slice(10, 40));

    const playbook = await fleet.file(
      "tells.yaml",
      `- hosts: targets
  gather_facts: false
  tasks:
    - kernel_module: { name: nvmet }
    - nvmet_host: { nqn: host, dhchap_key: "{{ dhchap_key }}" }
    - command: { argv: [echo, "{{ dhchap_key }}"] }
    - command: { argv: [cat, "/nowhere/{{ dhchap_key }}"] }
      ignore_errors: true
    - debug: { msg: "it is {{ dhchap_key }}" }
    - assert: { that: false, fail_msg: "not {{ dhchap_key }}" }
`,
    );
    for (const more of [["-v"], ["-o", "json"]]) {
      const answer = await fleet.cli("run", playbook, ...key, ...more);
      expect(answer.code).toBe(2);
      expect(answer.out).toContain("[secret]");
      expectNone(answer.out + answer.err, "the output");
    }
  });

  test("is not in the arguments of an ad hoc run that is kept", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("exec", "target", "kernel_module", "name=nvmet")).code).toBe(0);
    const answer = await fleet.cli("exec", "target", "nvmet_host", "nqn=host", `dhchap_key=${dhchapKey}`);
    expect(answer.code, answer.out).toBe(0);
    expectNone(answer.out + answer.err, "the output");
    expect(await search(fleet)).toEqual(["/nodes/target/secrets.json"]);
  });

  test("that is changed replaces the old one on the disks", async () => {
    await using fleet = await startFleet();
    const other = "DHHC-1:00:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTYi/1DT:";
    const first = await fleet.cli("run", locked, ...key);
    expect(first.code).toBe(0);
    const second = await fleet.cli("run", locked, "-e", `dhchap_key=${other}`);
    expectNone(second.out, "the output");
    expect(second.code, second.out).toBe(0);
    expect(await search(fleet)).toEqual([]);
  });
});
