import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runAction } from "../../../agent/actions/actions.ts";
import { Foreseen } from "../../../agent/actions/foreseen.ts";
import { intercept } from "../../../agent/system/intercept.ts";
import type { System } from "../../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../../shared/clock.ts";
import { isJsonRecord, type JsonRecord } from "../../../shared/protocol/json.ts";
import { modelNode } from "../../support/agent-node.ts";
import { type NestedSystemd, startSystemd, whyNoSystemd } from "../../support/nested-systemd.ts";

const reason = whyNoSystemd();
const soon = () => deadlineIn(clock, 20_000);
const sleeper = (more = "") =>
  `[Unit]\nDefaultDependencies=no\n${more}[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=default.target\n`;

const units = {
  "storaged.service": sleeper(),
  "reloading.service": sleeper().replace("[Install]", "ExecReload=/bin/true\n[Install]"),
  "agent.service": sleeper("Requires=needed.service\nAfter=needed.service\n"),
  "needed.service": sleeper(),
  "broken.service": sleeper().replace("/bin/sleep 1000", "/bin/false").replace("[Service]", "[Service]\nType=notify"),
  "fixed.service": sleeper().replace(/\[Install\][\s\S]*/, ""),
};

describe.skipIf(reason !== undefined)(
  `services of a real systemd${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let nested: NestedSystemd;
    let system: System;
    beforeAll(async () => {
      nested = await startSystemd(units);
      system = intercept(nested.system, {
        read: async (path) =>
          path === "/proc/self/cgroup" ? "0::/system.slice/agent.service\n" : nested.system.read(path),
      });
    }, 180_000);
    afterAll(() => nested?.[Symbol.asyncDispose]());

    async function act(
      args: JsonRecord,
      { check, name = "systemd_service" }: { check?: Foreseen; name?: string } = {},
    ) {
      const job = { progress: () => {}, effect: async () => {} };
      const checking = check && { node: system, clock, deadline: soon(), foreseen: check };
      const on = check === undefined ? system : modelNode();
      const context = { system: on, clock, deadline: soon(), check: check !== undefined, job, checking };
      const answer = await runAction(name, args, context);
      return { outcome: answer.outcome, result: isJsonRecord(answer.result) ? answer.result : {} };
    }
    async function says(...words: string[]): Promise<string> {
      let text = "";
      for await (const output of system.exec({ argv: ["systemctl", ...words] }, soon())) {
        if (output.is === "stdout") text += output.text;
      }
      return text.trim();
    }
    /** Foretold, done, and nothing left to do. */
    async function settle(args: JsonRecord) {
      const foreseen = new Foreseen();
      const foretold = await act(args, { check: foreseen });
      expect((await act(args, { check: foreseen })).outcome).toBe("ok");
      const first = await act(args);
      expect([first.outcome, first.result.diff]).toEqual([foretold.outcome, foretold.result.diff]);
      expect((await act(args)).outcome).toBe("ok");
      return first;
    }

    test("starts and enables, stops and disables, each once", async () => {
      const { outcome, result } = await settle({ name: "storaged", state: "started", enabled: true });
      expect(outcome).toBe("changed");
      expect(result).toMatchObject({
        name: "storaged",
        state: "started",
        enabled: true,
        status: { ActiveState: "active" },
      });
      expect(result.diff).toMatchObject({
        before: { state: "stopped", enabled: false },
        after: { state: "started", enabled: true },
      });
      expect([await says("is-active", "storaged"), await says("is-enabled", "storaged")]).toEqual([
        "active",
        "enabled",
      ]);
      await settle({ name: "storaged.service", state: "stopped", enabled: false });
      expect([await says("is-active", "storaged"), await says("is-enabled", "storaged")]).toEqual([
        "inactive",
        "disabled",
      ]);
    });

    test("service is the same, with fewer arguments", async () => {
      expect(await act({ name: "storaged", state: "started" }, { name: "service" })).toMatchObject({
        outcome: "changed",
      });
      expect(await act({ name: "storaged", state: "started" }, { name: "service" })).toMatchObject({ outcome: "ok" });
      await act({ name: "storaged", state: "stopped" }, { name: "service" });
    });

    test("restarts what runs and starts what does not, each time", async () => {
      await act({ name: "storaged", state: "restarted" });
      const first = await says("show", "-p", "MainPID", "storaged");
      const { outcome, result } = await act({ name: "storaged", state: "restarted" });
      expect([outcome, result.state]).toEqual(["changed", "started"]);
      expect(await says("show", "-p", "MainPID", "storaged")).not.toBe(first);
      await act({ name: "storaged", state: "stopped" });
    });

    test("reloads what knows how; a check knows who does not", async () => {
      await act({ name: "reloading", state: "started" });
      expect(await act({ name: "reloading", state: "reloaded" })).toMatchObject({ outcome: "changed" });
      await act({ name: "storaged", state: "started" });
      for (const check of [undefined, new Foreseen()]) {
        await expect(act({ name: "storaged", state: "reloaded" }, check && { check })).rejects.toMatchObject({
          code: "plan_refused",
          hint: "state: restarted",
        });
      }
      await act({ name: "storaged", state: "stopped" });
    });

    test("masks, and does not start what is masked", async () => {
      await settle({ name: "storaged", masked: true });
      await expect(act({ name: "storaged", state: "started" })).rejects.toMatchObject({
        code: "plan_refused",
        message: "cannot start storaged.service: it is masked",
      });
      await settle({ name: "storaged", masked: false, state: "started" });
      await settle({ name: "storaged", state: "stopped" });
    });

    test("what is brought up by others alone counts as enabled, and cannot be disabled", async () => {
      await settle({ name: "fixed", enabled: true });
      await settle({ name: "fixed", enabled: false });
    });

    test("daemon_reload alone counts as no change", async () => {
      expect(await act({ daemon_reload: true })).toMatchObject({ outcome: "ok" });
    });

    test("a unit that is missing is told with the nearest name", async () => {
      await expect(act({ name: "storage", state: "started" })).rejects.toMatchObject({
        code: "not_found",
        hint: "did you mean storaged.service?",
      });
    });

    test("in a check a missing unit may come with a package, or with a program that was skipped", async () => {
      const check = new Foreseen();
      await expect(act({ name: "nope", state: "started" }, { check })).rejects.toMatchObject({ code: "not_found" });
      check.packages.set("nope", "installed");
      expect((await act({ name: "nope", state: "started" }, { check })).result).toMatchObject({
        skipped: true,
        msg: expect.stringContaining("the package nope"),
      });
    });

    test("a service that fails at once is no success", async () => {
      await expect(act({ name: "broken", state: "started" })).rejects.toMatchObject({
        code: "command_failed",
        message: expect.stringContaining("broken.service"),
      });
    });

    test.each([
      ["itself", { name: "agent", state: "stopped" }],
      ["itself, for a moment", { name: "agent", state: "restarted" }],
      ["itself, at the next boot", { name: "agent", enabled: false }],
      ["what it needs", { name: "needed", state: "stopped" }],
      ["what is around it", { name: "system.slice", state: "stopped" }],
    ])("never takes the agent away: %s", async (_, args) => {
      await act({ name: "agent", state: "started", enabled: true });
      for (const check of [undefined, new Foreseen()]) {
        await expect(act(args, check && { check })).rejects.toMatchObject({ code: "plan_refused" });
      }
      expect(await says("is-active", "agent", "needed")).toBe("active\nactive");
    });
  },
);
