import { expect, test } from "vitest";
import { flashfleet, recapOf } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const nodes = { n1: {}, n2: {}, n3: {} };

/** Starts a run, and gives its name once `isThere` finds what it waits for in the output. */
async function startUntil(fleet: TestFleet, playbook: string, isThere: (out: string) => boolean): Promise<string> {
  let out = "";
  await new Promise<void>((resolve) => {
    const onOut = (text: string) => {
      out += text;
      if (isThere(out)) resolve();
    };
    void flashfleet(fleet.environment, ["run", playbook], { onOut });
  });
  const [run] = (await fleet.cli("runs", "-o", "json")).lines();
  return String(run?.run);
}

test("a run goes on where it was when its controller is started again, and nothing is done twice", async () => {
  await using fleet = await startFleet({ nodes });
  const playbook = await fleet.file(
    "long.yaml",
    `- hosts: all
  tasks:
    - name: load
      kernel_module: { name: nvmet }
    - name: note
      command: echo once
      register: noted
    - name: a long pause
      pause: { seconds: 5 }
    - name: after
      debug: { msg: "{{ noted.stdout }}" }
`,
  );
  const run = await startUntil(fleet, playbook, (out) => out.includes("TASK [a long pause]"));
  await fleet.stopController();
  await fleet.startController();
  const attached = await fleet.cli("attach", run);
  expect(attached.code, attached.out + attached.err).toBe(0);
  expect(attached.out.match(/^changed: \[n\d\]$/gm)?.length).toBe(6);
  expect(attached.out.match(/TASK \[(load|note|after)\]/g)).toEqual(["TASK [load]", "TASK [note]", "TASK [after]"]);
  expect(attached.out.match(/"msg": "once"/g)?.length).toBe(3);
  expect(recapOf(attached.out)).toMatchObject({ n1: { ok: 5, changed: 2 }, n2: { ok: 4, changed: 2 } });
  expect((await fleet.cli("runs", "-o", "json")).lines()[0]).toMatchObject({ run, outcome: "ok" });
}, 120_000);

test("a run that failed on some hosts is taken on from there, once they are mended", async () => {
  await using fleet = await startFleet({ nodes });
  const playbook = await fleet.file(
    "mend.yaml",
    `- hosts: all
  tasks:
    - name: load
      kernel_module: { name: nvmet }
      notify: told
    - name: needs a file
      command: cat /tmp/ready
      changed_when: false
    - name: after
      debug: { msg: after }
  handlers:
    - name: told
      debug: { msg: told }
`,
  );
  const ready = (name: string) =>
    fleet
      .node(name)
      .system.do({ op: "replace", path: "/tmp/ready", content: "yes\n", mode: 0o644 }, Number.MAX_SAFE_INTEGER);
  await ready("n1");
  const first = await fleet.cli("run", playbook);
  expect(first.code).toBe(2);
  expect(recapOf(first.out)).toMatchObject({ n1: { failed: 0 }, n2: { failed: 1 }, n3: { failed: 1 } });
  const [failed] = (await fleet.cli("runs", "-o", "json")).lines();

  await ready("n2");
  await ready("n3");
  const second = await fleet.cli("run", "--resume", String(failed?.run));
  expect(second.code, second.out + second.err).toBe(0);
  expect(second.out).not.toContain("TASK [load]");
  expect(second.out).not.toContain("ok: [n1]");
  expect(second.out.match(/^ok: \[n[23]\]/gm)?.length).toBe(6);
  // A handler that was notified before the failure has waited for the host.
  expect(second.out).toContain("RUNNING HANDLER [told]");
  expect(recapOf(second.out)).toMatchObject({ n1: { ok: 5, changed: 1 }, n2: { ok: 5, changed: 1, failed: 0 } });
}, 120_000);

test("a host that is mended takes part in the plays behind the one that it failed in, and the others do nothing twice", async () => {
  await using fleet = await startFleet({ nodes });
  const playbook = await fleet.file(
    "plays.yaml",
    `- hosts: all
  gather_facts: false
  serial: 2
  tasks:
    - name: needs a file
      command: cat /tmp/ready
      changed_when: false
- hosts: all
  gather_facts: false
  tasks:
    - name: second play
      command: echo {{ inventory_hostname }}
`,
  );
  const ready = (name: string) =>
    fleet
      .node(name)
      .system.do({ op: "replace", path: "/tmp/ready", content: "yes\n", mode: 0o644 }, Number.MAX_SAFE_INTEGER);
  await ready("n2");
  await ready("n3");
  const first = await fleet.cli("run", playbook);
  expect(first.out.match(/^changed: \[n\d\]$/gm)).toHaveLength(2);
  const [failed] = (await fleet.cli("runs", "-o", "json")).lines();

  await ready("n1");
  const second = await fleet.cli("run", "--resume", String(failed?.run));
  expect(second.code, second.out + second.err).toBe(0);
  expect(second.out.match(/^(ok|changed): \[n\d\]$/gm)).toEqual(["ok: [n1]", "changed: [n1]"]);
}, 120_000);
