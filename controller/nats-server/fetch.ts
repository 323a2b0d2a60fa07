import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";
import { type Ran, type RunProgram, runProgram } from "./program.ts";

const remedies = [
  "install nats-server and start again:",
  "  Debian, Ubuntu   apt-get install nats-server",
  "  macOS            brew install nats-server",
  "  elsewhere        https://github.com/nats-io/nats-server/releases, then NATS_SERVER=/path/to/nats-server",
  "or use one that runs already, in a container for example:",
  "  docker run -p 127.0.0.1:4222:4222 nats:2 -js --auth <token>, then --nats nats://<token>@127.0.0.1:4222",
].join("\n");

/**
 * Fetches nats-server into a directory, without root, and gives its path: Debian's package, whose origin apt checks,
 * unpacked and not installed. Throws `nats_server_missing` with other ways where that cannot be.
 */
export async function fetchNatsServer(
  cache: string,
  say: (text: string) => void,
  run: RunProgram = runProgram,
): Promise<string> {
  say("nats-server is not installed: fetching Debian's package (no root needed)");
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "fetch-"));
  try {
    const unpacked = await unpackPackage(work, say, run);
    const program = join(cache, "nats-server");
    await chmod(unpacked, 0o755);
    // Renamed at the end: another process that fetches at the same time sees all of it or nothing.
    await rename(unpacked, program);
    say(`nats-server is now ${program}`);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpackPackage(work: string, say: (text: string) => void, run: RunProgram): Promise<string> {
  const archive = await downloadPackage(work, say, run);
  const ran = await run("dpkg", ["-x", archive, join(work, "unpacked")], 60_000);
  if (ran.code !== 0) throw missing("dpkg -x", ran);
  return join(work, "unpacked/usr/sbin/nats-server");
}

/** With apt's lists as they are; where there are none or they are old, with lists of our own. */
async function downloadPackage(work: string, say: (text: string) => void, run: RunProgram): Promise<string> {
  const asIs = await run("apt-get", [...quiet, "download", "nats-server"], 120_000, work);
  const found = await findArchive(work);
  if (found !== undefined) return found;
  if (asIs.code === undefined) throw missing("apt-get download", asIs);
  say("apt has no list of packages: reading it into the cache (some 10 MB)");
  const own = await ownLists(work);
  const update = await run("apt-get", [...quiet, ...own, "update"], 300_000, work);
  const download = await run("apt-get", [...quiet, ...own, "download", "nats-server"], 120_000, work);
  const archive = await findArchive(work);
  if (archive === undefined) throw missing("apt-get download", download.code === 0 ? update : download);
  return archive;
}

/** The sandbox user of apt may not write below a private directory. */
const quiet = ["-q", "-o", "APT::Sandbox::User=root"];

async function ownLists(work: string): Promise<string[]> {
  const lists = join(work, "lists");
  const archives = join(work, "cache");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(archives, "archives/partial"), { recursive: true });
  return ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${archives}`];
}

async function findArchive(work: string): Promise<string | undefined> {
  const name = (await readdir(work)).find((file) => file.startsWith("nats-server_") && file.endsWith(".deb"));
  return name === undefined ? undefined : join(work, name);
}

function missing(doing: string, { output }: Ran): FlashfleetError {
  const reason = output.trim().split("\n").at(-1) ?? "";
  return new FlashfleetError("nats_server_missing", `cannot fetch nats-server: ${doing} failed: ${reason}`, {
    hint: remedies,
  });
}
