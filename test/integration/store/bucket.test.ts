import { mkdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Bucket, buckets, openBucket } from "../../../controller/store/bucket.ts";
import { openVault, Sealed } from "../../../controller/store/vault.ts";
import { Secret } from "../../../shared/secret.ts";
import { type StoreHarness, startStore } from "./harness.ts";

const Value = z.object({ size: z.number() });
type Value = z.infer<typeof Value>;

let harness: StoreHarness;
let bucket: Bucket<Value>;
beforeEach(async () => {
  harness = await startStore();
  bucket = await openBucket(harness.store, buckets.state, Value);
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

describe("a bucket", () => {
  test("gives back what was put, with the revision that the next put names", async () => {
    expect(await bucket.get("a")).toBeUndefined();
    const first = await bucket.put("a", { size: 1 }, 0);
    expect(await bucket.get("a")).toEqual({ value: { size: 1 }, revision: first });
    const second = await bucket.put("a", { size: 2 }, first);
    expect(await bucket.get("a")).toEqual({ value: { size: 2 }, revision: second });
  });

  test("refuses a value over another revision than the last", async () => {
    const first = await bucket.put("a", { size: 1 }, 0);
    await bucket.put("a", { size: 2 }, first);
    await expect(bucket.put("a", { size: 3 }, first)).rejects.toMatchObject({ code: "store_conflict" });
    await expect(bucket.put("a", { size: 3 }, 0)).rejects.toMatchObject({ code: "store_conflict" });
    expect((await bucket.get("a"))?.value).toEqual({ size: 2 });
  });

  test("forgets what was deleted, and takes it anew", async () => {
    const first = await bucket.put("a", { size: 1 }, 0);
    await bucket.delete("a", first);
    expect(await bucket.get("a")).toBeUndefined();
    expect(await bucket.keys()).toEqual([]);
    await bucket.put("a", { size: 2 }, 0);
    expect((await bucket.get("a"))?.value).toEqual({ size: 2 });
  });

  test("lists keys below a prefix, none in an empty one", async () => {
    expect(await bucket.keys()).toEqual([]);
    for (const key of ["pool.b", "pool.a", "other"]) await bucket.put(key, { size: 1 }, 0);
    expect(await bucket.keys()).toEqual(["other", "pool.a", "pool.b"]);
    expect(await bucket.keys("pool.")).toEqual(["pool.a", "pool.b"]);
    expect([...(await bucket.all("pool.")).keys()]).toEqual(["pool.a", "pool.b"]);
  });

  test("refuses a key that NATS has no name for", async () => {
    await expect(bucket.put("a b", { size: 1 }, 0)).rejects.toMatchObject({ code: "bad_argument" });
    await expect(bucket.get("a.*")).rejects.toMatchObject({ code: "bad_argument" });
  });

  test("keeps what it has when nats-server is killed", async () => {
    const first = await bucket.put("a", { size: 1 }, 0);
    const killed = harness.kill();
    const second = await bucket.put("a", { size: 2 }, first);
    await killed;
    expect(await bucket.get("a")).toEqual({ value: { size: 2 }, revision: second });
  });
});

describe("a vault", () => {
  test("gives a secret back after a restart, in its place only, and its text is not in JetStream", async () => {
    const path = join(harness.nats.directory, "keys/controller.key");
    const sealed = (await openVault(path)).seal("ff_state chap", new Secret("DHHC-1:00:x:"));
    const secrets = await openBucket(harness.store, buckets.state, Sealed);
    await secrets.put("chap", sealed, 0);
    const kept = await secrets.get("chap");
    const vault = await openVault(path);
    if (kept === undefined) throw new Error("nothing kept");
    expect(JSON.stringify(kept)).not.toContain("DHHC");
    expect(vault.open("ff_state chap", kept.value).reveal()).toBe("DHHC-1:00:x:");
    expect(() => vault.open("ff_state other", kept.value)).toThrow(expect.objectContaining({ code: "key_missing" }));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("refuses a key file that was cut off, and a directory that cannot be written", async () => {
    const path = join(harness.nats.directory, "controller.key");
    await openVault(path);
    await truncate(path, 5);
    await expect(openVault(path)).rejects.toMatchObject({ code: "key_missing" });
    await mkdir(join(harness.nats.directory, "d"));
    await expect(openVault(join(path, "controller.key"))).rejects.toMatchObject({ code: "data_directory" });
  });
});
