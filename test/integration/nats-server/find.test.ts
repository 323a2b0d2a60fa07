import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fetchNatsServer } from "../../../controller/nats-server/fetch.ts";
import { findNatsServer } from "../../../controller/nats-server/find.ts";
import type { RunProgram } from "../../../controller/nats-server/program.ts";
import { parseVersion, versionWarning } from "../../../controller/nats-server/version.ts";
import { temporaryDirectory } from "../../support/nats-server.ts";

const silent = () => undefined;

/** A program in a directory that says that it is some nats-server. */
async function pretend(directory: string, version: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "nats-server");
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(path, 0o755);
  return path;
}

describe("finding nats-server", () => {
  test("takes the one that was named before all others", async () => {
    await using directory = await temporaryDirectory();
    const explicit = await pretend(join(directory.path, "named"), "2.12.0");
    await pretend(join(directory.path, "path"), "2.11.0");
    const found = await findNatsServer({
      explicit,
      path: join(directory.path, "path"),
      caches: ["/none"],
      say: silent,
    });
    expect(found).toEqual({ program: explicit, version: "2.12.0" });
  });

  test("takes the first of PATH before a cache", async () => {
    await using directory = await temporaryDirectory();
    const inPath = await pretend(join(directory.path, "path"), "2.11.0");
    const cache = join(directory.path, "cache");
    await pretend(cache, "2.9.10");
    const path = `${directory.path}/none:${directory.path}/path`;
    expect((await findNatsServer({ path, caches: [cache], say: silent })).program).toBe(inPath);
  });

  test("does not use a named one that does not run", async () => {
    const missing = findNatsServer({ explicit: "/nonexistent", path: "", caches: ["/none"], say: silent });
    await expect(missing).rejects.toMatchObject({
      code: "nats_server_missing",
      hint: expect.stringContaining("NATS_SERVER"),
    });
  });

  test("does not use a program that is something else", async () => {
    const other = findNatsServer({ explicit: "/bin/true", path: "", caches: ["/none"], say: silent });
    await expect(other).rejects.toMatchObject({ code: "nats_server_missing" });
  });
});

describe("fetching nats-server", () => {
  /** apt-get and dpkg as they would do; `lists`: apt has lists of packages already. */
  const debian =
    ({ lists }: { lists: boolean }, ran: string[]): RunProgram =>
    async (program, args, _timeout, cwd = "") => {
      const own = args.some((arg) => arg.startsWith("Dir::State::lists="));
      ran.push([program, own ? "own lists" : "", args.find((arg) => /^(update|download|-x)$/.test(arg))].join(" "));
      if (args.includes("download") && (lists || own)) await writeFile(join(cwd, "nats-server_2.9.10_amd64.deb"), "");
      if (program === "dpkg") await pretend(join(String(args[2]), "usr/sbin"), "2.9.10");
      return { code: args.includes("download") && !lists && !own ? 100 : 0, output: "E: Unable to locate package" };
    };

  test("leaves the program in the cache, and nothing else", async () => {
    await using directory = await temporaryDirectory();
    const ran: string[] = [];
    const program = await fetchNatsServer(directory.path, silent, debian({ lists: true }, ran));
    expect(ran).toEqual(["apt-get  download", "dpkg  -x"]);
    expect(await readdir(directory.path)).toEqual(["nats-server"]);
    expect(await findNatsServer({ explicit: program, path: "", caches: ["/none"], say: silent })).toMatchObject({
      version: "2.9.10",
    });
  });

  test("reads lists of its own where apt has none", async () => {
    await using directory = await temporaryDirectory();
    const ran: string[] = [];
    await fetchNatsServer(directory.path, silent, debian({ lists: false }, ran));
    expect(ran).toEqual(["apt-get  download", "apt-get own lists update", "apt-get own lists download", "dpkg  -x"]);
  });

  test("says what else can be done where there is no apt", async () => {
    await using directory = await temporaryDirectory();
    const none: RunProgram = async () => ({ code: undefined, output: "spawn apt-get ENOENT" });
    const fetching = fetchNatsServer(directory.path, silent, none);
    await expect(fetching).rejects.toMatchObject({
      code: "nats_server_missing",
      hint: expect.stringContaining("brew install"),
    });
    expect(await readdir(directory.path)).toEqual([]);
  });
});

describe("the version of nats-server", () => {
  test.each([
    ["nats-server: v2.9.10", "2.9.10"],
    ["nats-server: v2.12.0-RC.1\n", "2.12.0-RC.1"],
    ["something else", undefined],
  ])("in %j is %s", (printed, version) => {
    expect(parseVersion(printed)).toBe(version);
  });

  test.each([
    ["2.9.10", true],
    ["2.11.14", true],
    ["1.99.99", true],
    ["2.11.15", false],
    ["2.12.0", false],
    ["3.0.0", false],
    ["2.11.15-RC.1", false],
  ])("%s is warned about: %s", (version, warned) => {
    expect(versionWarning(version) !== undefined).toBe(warned);
  });
});
