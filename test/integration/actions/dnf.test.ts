import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Foreseen } from "../../../agent/actions/foreseen.ts";
import { createDnfRoot, type DnfRoot, whyNoDnf } from "../../support/dnf-root.ts";

import { packageActs } from "../../support/package-acts.ts";

const reason = whyNoDnf();
const long = "store-mailer-with-a-name-that-is-far-too-long-for-a-row-of-the-table-that-dnf-prints";

describe.skipIf(reason !== undefined)(
  `packages of a real dnf${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let root: DnfRoot;
    beforeEach(async () => {
      root = await createDnfRoot();
      await root.publish([
        { name: "store", version: "1.0" },
        { name: "store-tools", version: "1.0", fields: { Requires: "store" } },
        { name: "store-free", version: "1.0", fields: { Conflicts: "store" } },
        { name: "store-ui", version: "1.0", fields: { Requires: "store-lib" } },
        { name: "store-lib", version: "1.0" },
        { name: long, version: "1.0", fields: { Provides: "mail-agent" } },
      ]);
    }, 120_000);
    afterEach(() => root[Symbol.asyncDispose]());

    const { act, settle, refused } = packageActs("dnf", () => root);

    test("installs with what is needed, and removes what is named", async () => {
      const { outcome, result } = await settle({ name: ["store-tools", long] });
      expect(outcome).toBe("changed");
      expect(result.results).toEqual(expect.arrayContaining([`Installed: ${long}-1.0-1`, "Installed: store-1.0-1"]));
      expect(root.installed()).toEqual({ store: "1.0", "store-tools": "1.0", [long]: "1.0" });
      expect(await act({ name: "mail-agent" })).toMatchObject({ outcome: "ok" });
      await settle({ name: "store-tools,store", state: "absent" });
      expect(root.installed()).toEqual({ [long]: "1.0" });
    });

    test("present keeps the version that is there; latest, or a version, brings another", async () => {
      await act({ name: "store" });
      await root.publish([{ name: "store", version: "1.5" }]);
      expect(await act({ name: "store", update_cache: true })).toMatchObject({ outcome: "ok" });
      expect(root.installed()).toEqual({ store: "1.0" });
      await settle({ name: "store=1.5" });
      await root.publish([{ name: "store", version: "1.7" }]);
      await act({ update_cache: true });
      await settle({ name: "store", state: "latest" });
      expect(root.installed()).toEqual({ store: "1.7" });
    });

    test("a removal that would take others along is refused, also with autoremove", async () => {
      await act({ name: "store-tools" });
      const error = { code: "plan_refused", message: expect.stringContaining("would also remove store-tools") };
      await refused({ name: "store", state: "absent" }, error);
      await refused({ name: "store", state: "absent", autoremove: true }, error);
      expect(root.installed()).toEqual({ store: "1.0", "store-tools": "1.0" });
    });

    test("autoremove takes what was installed for what goes, and nothing else does", async () => {
      await act({ name: "store-ui" });
      await settle({ name: "store-ui", state: "absent" });
      expect(root.installed()).toEqual({ "store-lib": "1.0" });
      await act({ name: "store-ui" });
      await settle({ name: "store-ui", state: "absent", autoremove: true });
      expect(root.installed()).toEqual({});
    });

    test("an installation that would remove others is refused, unless it may", async () => {
      await act({ name: "store" });
      await refused({ name: "store-free" }, { code: "command_failed", hint: expect.stringContaining("allowerasing") });
      await settle({ name: "store-free", allowerasing: true });
      expect(root.installed()).toEqual({ "store-free": "1.0" });
    });

    test("what calls itself the heir of others removes them, which is refused", async () => {
      await act({ name: "store" });
      await root.publish([{ name: "store-heir", version: "1.0", fields: { Obsoletes: "store < 2" } }]);
      await act({ update_cache: true });
      await refused(
        { name: "store-heir" },
        { code: "plan_refused", message: expect.stringContaining("would remove store") },
      );
      await settle({ name: "store-heir", allowerasing: true });
      expect(root.installed()).toEqual({ "store-heir": "1.0" });
    });

    test("a name that the repositories do not have is told; in a check a program that was skipped may bring it", async () => {
      await refused({ name: "nope" }, { code: "not_found" });
      const check = new Foreseen();
      check.skipped();
      expect((await act({ name: "nope" }, check)).result).toMatchObject({ skipped: true });
      expect(await act({ name: "nope", state: "absent" })).toMatchObject({ outcome: "ok" });
    });

    test("whoever holds the lock is waited for, then named", async () => {
      await act({ name: "store-lib" });
      const holder = spawn("sleep", ["60"]);
      await writeFile(join(root.folder, "cache/metadata_lock.pid"), String(holder.pid));
      await expect(act({ name: "store", lock_timeout: 1 })).rejects.toMatchObject({
        code: "deadline",
        message: expect.stringMatching(/process \d+ \(sleep\) is at it/),
      });
      const waiting = act({ name: "store", lock_timeout: 30 });
      holder.kill();
      await once(holder, "exit");
      expect(await waiting).toMatchObject({ outcome: "changed" });
    });
  },
);
