import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { intercept } from "../../agent/system/intercept.ts";
import { createLinuxSystem } from "../../agent/system/linux/linux-system.ts";
import type { System } from "../../agent/system/system.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Made } from "./apt-root.ts";

/** Why real packages cannot be installed into a folder here; undefined where they can. */
export function whyNoDnf(): string | undefined {
  if (process.getuid?.() !== 0) return "rpm takes root";
  const programs = ["dnf", "rpm", "rpmbuild", "createrepo_c"];
  const missing = programs.find((program) => spawnSync(program, ["--version"]).status !== 0);
  return missing === undefined ? undefined : `there is no ${missing}`;
}

/** A folder with a database of rpm's and a repository of files: the real programs work there, and see nothing of the machine's. */
export interface DnfRoot extends AsyncDisposable {
  folder: string;
  system: System;
  publish(packages: readonly Made[]): Promise<void>;
  /** Names with their versions, as rpm has them. */
  installed(): Record<string, string>;
}

export async function createDnfRoot(): Promise<DnfRoot> {
  const folder = await mkdtemp(join(tmpdir(), "ff-dnf-"));
  const at = (path: string) => join(folder, path);
  for (const path of ["root", "repository", "repositories", "specs"]) await mkdir(at(path));
  await writeFile(at("repositories/own.repo"), `[own]\nname=own\nbaseurl=file://${at("repository")}\ngpgcheck=0\n`);
  const options = [
    `--installroot=${at("root")}`,
    `--setopt=reposdir=${at("repositories")}`,
    `--setopt=cachedir=${at("cache")}`,
    "--releasever=1",
  ];
  const linux = createLinuxSystem({ clock: systemClock });
  return {
    folder,
    system: intercept(linux, {
      exec: (command, deadline) => {
        const [program, ...rest] = command.argv;
        const own = program === "dnf" ? options : program === "rpm" ? ["--root", at("root")] : [];
        return linux.exec({ ...command, argv: [program, ...own, ...rest] }, deadline);
      },
    }),
    publish: async (packages) => {
      for (const each of packages) await build(each, folder);
      execFileSync("createrepo_c", ["-q", at("repository")]);
    },
    installed: () => {
      const words = ["--root", at("root"), "-qa", "--qf", "%{NAME} %{VERSION}\\n"];
      const { stdout } = spawnSync("rpm", words, { encoding: "utf8" });
      const rows = stdout.split("\n").map((line) => line.split(" "));
      return Object.fromEntries(
        rows.flatMap(([name = "", version]) => (version === undefined ? [] : [[name, version]])),
      );
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function build({ name, version, fields = {} }: Made, folder: string): Promise<void> {
  const all = {
    Name: name,
    Version: version,
    Release: "1",
    Summary: name,
    License: "none",
    BuildArch: "noarch",
    ...fields,
  };
  const head = Object.entries(all).map(([field, value]) => `${field}: ${value}\n`);
  const spec = join(folder, "specs", `${name}-${version}.spec`);
  await writeFile(spec, `${head.join("")}%description\n${name}\n%files\n`);
  const defines = { _topdir: join(folder, "build"), _rpmdir: join(folder, "repository") };
  const words = Object.entries(defines).flatMap(([key, value]) => ["--define", `${key} ${value}`]);
  execFileSync("rpmbuild", ["-bb", "--quiet", ...words, spec], { stdio: "ignore" });
}
