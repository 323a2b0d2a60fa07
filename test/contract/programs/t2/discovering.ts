import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { A, B, HN, P } from "../fabrics.ts";
import type { Lib } from "../lib.ts";
import { type Printed, Tuple } from "../python.ts";
import { nvmeDiscover } from "./nvme-discover.ts";
import type { Words } from "./world.ts";

const S = `subsystems/${A}`;
const discoveryPage = 0x70;
const page = 1024;

/** Discovery controllers, with a keep-alive and without, and what wakes them. */
export async function discovering(words: Words): Promise<void> {
  await withoutKeepAlive(words);
  await words.deleteAll();
  if (await withKeepAlive(words)) await changes(words);
}

async function withoutKeepAlive(words: Words): Promise<void> {
  const { lib } = words;
  const { T, un, names } = lib.words();
  T("discovery connect", await words.C(discoveryNqn));
  T("ctrls", await words.ctrls());
  const files = ["kato", "cntrltype", "queue_count", "subsysnqn", "dctype", "state"];
  for (const name of await names("/sys/class/nvme"))
    T("disc attrs", await filesOf(lib, `/sys/class/nvme/${name}`, files));
  const subsystems = new Map<string, Printed>();
  for (const name of await names("/sys/class/nvme-subsystem")) {
    const said = await filesOf(lib, `/sys/class/nvme-subsystem/${name}`, ["subsystype", "subsysnqn"]);
    subsystems.set(name, new Tuple(...said.values()));
  }
  T("disc subsys", subsystems);
  words.forget();
  await un(`${P}/subsystems/${B}`);
  await words.flushev("disc(non-persistent kato0) unlink B");
}

async function filesOf(lib: Lib, at: string, files: readonly string[]): Promise<Map<string, Printed>> {
  const said = new Map<string, Printed>();
  for (const file of files) said.set(file, await lib.r(`${at}/${file}`));
  return said;
}

/** Whether there is a controller whose log the original could read; without one it ends there. */
async function withKeepAlive(words: Words): Promise<boolean> {
  const { lib } = words;
  const { T, ln, un, names } = lib.words();
  T("disc persistent kato=30", await words.C(discoveryNqn, { extra: "keep_alive_tmo=30" }));
  words.forget();
  await ln(`subsystems/${B}`, `${P}/subsystems/${B}`);
  await words.flushev("disc persistent: link B");
  await un(`${P}/subsystems/${B}`);
  await words.flushev("disc persistent: unlink B (AEN masked until log read)");
  T("nvme discover", await nvmeDiscover(words));
  const controllers = await names("/sys/class/nvme");
  for (const name of controllers) {
    T("dev ", name);
    T("get-log on persistent", hexdump(await lib.machine.readLogPage(name, discoveryPage, page)));
  }
  return controllers.length > 0;
}

async function changes(words: Words): Promise<void> {
  const { lib } = words;
  const { T, ln, un, names } = lib.words();
  const readLog = async () => {
    const [first = ""] = await names("/sys/class/nvme");
    await lib.machine.readLogPage(first, discoveryPage, page);
  };
  words.forget();
  await ln(`subsystems/${B}`, `${P}/subsystems/${B}`);
  await words.flushev("disc persistent: link B after log read");
  await readLog();
  words.forget();
  await un(`${S}/allowed_hosts/${HN}`);
  await words.flushev("disc: host HN unlinked");
  await readLog();
  await ln(`hosts/${HN}`, `${S}/allowed_hosts/${HN}`);
  await words.flushev("disc: host HN linked");
  await un(`${P}/subsystems/${A}`);
  await lib.machine.sleep(0.2);
  await un(`${P}/subsystems/${B}`);
  await lib.machine.sleep(3);
  T("disc ctrl after port disabled", await words.ctrls());
  await words.deleteAll();
}

/** As `hexdump -C | head -3`. */
function hexdump(bytes: Uint8Array): string {
  const lines: string[] = [];
  let before: string | undefined;
  for (let at = 0; at < bytes.length && lines.length < 3; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const shown = row.map((byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : ".")).join("");
    const line = `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}  |${shown}|`;
    if (line !== before) lines.push(`${at.toString(16).padStart(8, "0")}  ${line}`);
    else if (lines.at(-1) !== "*") lines.push("*");
    before = line;
  }
  return lines.join("\n");
}
