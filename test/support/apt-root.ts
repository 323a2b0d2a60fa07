import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { intercept } from "../../agent/system/intercept.ts";
import { createLinuxSystem } from "../../agent/system/linux/linux-system.ts";
import { systemPath } from "../../agent/system/linux/tools.ts";
import type { System } from "../../agent/system/system.ts";
import { systemClock } from "../../shared/clock.ts";

/** Why real packages cannot be installed into a folder here; undefined where they can. */
export function whyNoApt(): string | undefined {
  if (process.getuid?.() !== 0) return "dpkg takes root";
  const missing = ["apt-get", "dpkg", "dpkg-deb"].find((program) => spawnSync(program, ["--version"]).status !== 0);
  return missing === undefined ? undefined : `there is no ${missing}`;
}

/** A package of nothing but its fields. */
export interface Made {
  name: string;
  version: string;
  fields?: Readonly<Record<string, string>>;
}

/** A folder with a dpkg of its own and a repository of files: the real programs work there, and see nothing of the machine's. */
export interface AptRoot extends AsyncDisposable {
  folder: string;
  system: System;
  /** The environment that leads the programs there. */
  environment: Readonly<Record<string, string>>;
  /** Puts packages into the repository, and writes its list anew. */
  publish(packages: readonly Made[]): Promise<void>;
  /** Names with their versions, as dpkg has them. */
  installed(): Record<string, string>;
}

export async function createAptRoot(): Promise<AptRoot> {
  const folder = await mkdtemp(join(tmpdir(), "ff-apt-"));
  const at = (path: string) => join(folder, path);
  const folders = [
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "repository",
    "var/cache/apt/archives/partial",
    "var/lib/apt/lists/partial",
    "var/lib/dpkg/info",
    "var/lib/dpkg/updates",
    "var/log/apt",
  ];
  for (const path of folders) await mkdir(at(path), { recursive: true });
  await writeFile(at("var/lib/dpkg/status"), "");
  await writeFile(at("etc/apt/sources.list"), `deb [trusted=yes] file:${at("repository")} ./\n`);
  const settings = {
    Dir: `${folder}/`,
    "Dir::State::status": at("var/lib/dpkg/status"),
    "Dir::Bin::dpkg": "/usr/bin/dpkg",
    "DPkg::Options::": `--root=${folder}`,
    "APT::Sandbox::User": "root",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(at("apt.conf"), lines.join(""));
  const environment = { APT_CONFIG: at("apt.conf"), DPKG_ADMINDIR: at("var/lib/dpkg") };
  const linux = createLinuxSystem({ clock: systemClock, environment: { PATH: systemPath, ...environment } });
  const published: Made[] = [];
  return {
    folder,
    environment,
    system: intercept(linux, {
      exec: (command, deadline) => {
        const [program, ...rest] = command.argv;
        const words = program === "stat" ? rest.map((word) => word.replace(/^\/var\//, at("var/"))) : rest;
        return linux.exec({ ...command, argv: [program, ...words] }, deadline);
      },
    }),
    publish: async (packages) => {
      published.push(...packages);
      const rows = await Promise.all(published.map((each) => build(each, folder)));
      await writeFile(at("repository/Packages"), rows.join("\n"));
    },
    installed: () => {
      const format = `-f=${["db:Status-Status", "Package", "Version"].map((field) => `\${${field}}`).join(" ")}\\n`;
      const { stdout } = spawnSync("dpkg-query", ["-W", format], {
        encoding: "utf8",
        env: { ...process.env, ...environment },
      });
      const rows = stdout.split("\n").map((line) => line.split(" "));
      return Object.fromEntries(
        rows.flatMap(([status, name = "", version = ""]) => (status === "installed" ? [[name, version]] : [])),
      );
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** Makes it, and gives its paragraph of the list. */
async function build({ name, version, fields = {} }: Made, folder: string): Promise<string> {
  const control = Object.entries({
    Package: name,
    Version: version,
    Architecture: "all",
    Maintainer: "nobody <nobody@example.org>",
    ...fields,
    Description: `the package ${name}`,
  })
    .map(([field, value]) => `${field}: ${value}\n`)
    .join("");
  const tree = join(folder, "trees", `${name}-${version}`);
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await writeFile(join(tree, "DEBIAN/control"), control);
  await mkdir(join(tree, "etc"), { recursive: true });
  await writeFile(join(tree, `etc/${name}.conf`), `${version}\n`);
  await writeFile(join(tree, "DEBIAN/conffiles"), `/etc/${name}.conf\n`);
  const file = join(folder, "repository", `${name}_${version}_all.deb`);
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, file], { stdio: "ignore" });
  const bytes = await readFile(file);
  const sum = createHash("sha256").update(bytes).digest("hex");
  return `${control}Filename: ./${name}_${version}_all.deb\nSize: ${bytes.length}\nSHA256: ${sum}\n`;
}
