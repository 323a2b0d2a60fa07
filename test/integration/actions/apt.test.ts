import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { Foreseen } from "../../../agent/actions/foreseen.ts";
import { type AptRoot, createAptRoot, whyNoApt } from "../../support/apt-root.ts";

import { packageActs } from "../../support/package-acts.ts";

const reason = whyNoApt();

describe.skipIf(reason !== undefined)(
  `packages of a real apt${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let root: AptRoot;
    beforeEach(async () => {
      root = await createAptRoot();
      await root.publish([
        { name: "store", version: "1.0" },
        { name: "store-tools", version: "1.0", fields: { Depends: "store" } },
        { name: "store-free", version: "1.0", fields: { Conflicts: "store" } },
        { name: "store-ui", version: "1.0", fields: { Depends: "store-lib" } },
        { name: "store-lib", version: "1.0" },
        { name: "mailer", version: "1.0", fields: { Provides: "mail-agent" } },
      ]);
      return () => root[Symbol.asyncDispose]();
    });

    const { act, settle, refused } = packageActs("apt", () => root);

    test("reads the lists when they are older than they may be", async () => {
      await utimes(join(root.folder, "var/lib/apt/lists"), 1000, 1000);
      expect(await act({ update_cache: true })).toMatchObject({ outcome: "changed", result: { cache_updated: true } });
      expect(await act({ cache_valid_time: 3600 })).toMatchObject({ outcome: "ok", result: { cache_updated: false } });
      expect(await act({ update_cache: true, cache_valid_time: 3600 })).toMatchObject({ outcome: "ok" });
    });

    describe("with its lists", () => {
      beforeEach(async () => {
        await act({ update_cache: true });
      });

      test("installs with what is needed, and removes what is named", async () => {
        const { outcome, result } = await settle({ name: ["store-tools", "mailer"] });
        expect(outcome).toBe("changed");
        expect(result.diff).toMatchObject({
          before: "mailer not installed\nstore not installed\nstore-tools not installed\n",
          after: "mailer 1.0\nstore 1.0\nstore-tools 1.0\n",
        });
        expect(root.installed()).toEqual({ store: "1.0", "store-tools": "1.0", mailer: "1.0" });
        await settle({ name: "store-tools,store", state: "absent" });
        expect(root.installed()).toEqual({ mailer: "1.0" });
      });

      test("present keeps the version that is there; latest, or a version, brings another", async () => {
        await act({ name: "store" });
        await root.publish([{ name: "store", version: "2.0" }]);
        expect(await act({ name: "store", update_cache: true })).toMatchObject({ outcome: "ok" });
        expect(root.installed()).toEqual({ store: "1.0" });
        expect((await settle({ name: "store", state: "latest" })).result.diff).toMatchObject({
          before: "store 1.0\n",
          after: "store 2.0\n",
        });
        await expect(act({ name: "store=1.0" })).rejects.toMatchObject({ code: "command_failed" });
        await settle({ name: "store=1.0", allow_downgrade: true });
        expect(root.installed()).toEqual({ store: "1.0" });
      });

      test("what stands in for a package counts as installed", async () => {
        await act({ name: "mailer" });
        expect(await act({ name: "mail-agent" })).toMatchObject({ outcome: "ok" });
      });

      test("only_upgrade installs nothing that is not there", async () => {
        expect(await act({ name: "store", state: "latest", only_upgrade: true })).toMatchObject({ outcome: "ok" });
      });

      test("configuration that people changed stays; purge takes it along", async () => {
        await act({ name: "store" });
        const conf = join(root.folder, "etc/store.conf");
        await writeFile(conf, "mine\n");
        await root.publish([{ name: "store", version: "2.0" }]);
        await act({ name: "store", state: "latest", update_cache: true });
        expect(await readFile(conf, "utf8")).toBe("mine\n");
        await settle({ name: "store", state: "absent" });
        expect(await readFile(conf, "utf8")).toBe("mine\n");
        await settle({ name: "store", state: "absent", purge: true });
        await expect(readFile(conf)).rejects.toThrow();
      });

      test("a removal that would take others along is refused, also with autoremove", async () => {
        await act({ name: ["store-tools", "store"] });
        const error = { code: "plan_refused", message: expect.stringContaining("would also remove store-tools") };
        await refused({ name: "store", state: "absent" }, error);
        await refused({ name: "store", state: "absent", autoremove: true }, error);
        expect(root.installed()).toEqual({ store: "1.0", "store-tools": "1.0" });
      });

      test("autoremove takes what was installed for what goes", async () => {
        await act({ name: "store-ui" });
        await settle({ name: "store-ui", state: "absent", autoremove: true });
        expect(root.installed()).toEqual({});
      });

      test("an installation that would remove others is refused", async () => {
        await act({ name: "store" });
        await refused(
          { name: "store-free" },
          { code: "plan_refused", message: expect.stringContaining("would remove store") },
        );
        expect(root.installed()).toEqual({ store: "1.0" });
      });

      test("a name that the lists do not have is told with the nearest, and never taken for a pattern", async () => {
        await refused({ name: "stor" }, { code: "not_found", hint: expect.stringContaining("did you mean store?") });
        await refused({ name: "st.re" }, { code: "not_found", hint: expect.stringContaining("did you mean store?") });
        await refused({ name: "store=9" }, { code: "not_found" });
      });

      test("in a check, lists that would be read before may have a package, as may programs that were skipped", async () => {
        const later = new Foreseen();
        expect((await act({ name: "nope", update_cache: true }, later)).result).toMatchObject({
          skipped: true,
          msg: expect.stringContaining("brought up to date before"),
        });
        later.skipped();
        expect((await act({ name: "nope" }, later)).result).toMatchObject({ skipped: true });
      });

      test("a check remembers what its tasks would have done", async () => {
        const check = new Foreseen();
        expect(await act({ name: "store" }, check)).toMatchObject({ outcome: "changed" });
        expect(await act({ name: "store", state: "absent" }, check)).toMatchObject({ outcome: "changed" });
        expect(await act({ name: "store", state: "absent" }, check)).toMatchObject({ outcome: "ok" });
        expect(root.installed()).toEqual({});
      });

      test("whoever holds the lock is waited for, then named", async () => {
        const lock = join(root.folder, "var/lib/dpkg/lock-frontend");
        // As dpkg takes it: an advisory lock of fcntl(2).
        const holder = spawn("python3", [
          "-c",
          "import fcntl,sys;f=open(sys.argv[1],'w');fcntl.lockf(f,fcntl.LOCK_EX);print(1,flush=True);sys.stdin.read()",
          lock,
        ]);
        await once(holder.stdout, "data");
        await expect(act({ name: "store", lock_timeout: 1 })).rejects.toMatchObject({
          code: "deadline",
          message: expect.stringMatching(/process \d+ \(python3\) is at it/),
        });
        const waiting = act({ name: "store", lock_timeout: 30 });
        holder.stdin.end();
        expect(await waiting).toMatchObject({ outcome: "changed" });
      });
    });
  },
);
