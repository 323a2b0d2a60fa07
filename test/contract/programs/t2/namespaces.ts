import { A, blocks, P } from "../fabrics.ts";
import type { Lib } from "../lib.ts";
import { Tuple } from "../python.ts";
import type { Words } from "./world.ts";

const S = `subsystems/${A}`;
const mebibyte = 1 << 20;

/** Namespaces that come, go, grow and move to another ANA group while a host is connected. */
export async function namespaces(words: Words, controller: string): Promise<void> {
  await comeAndGo(words);
  await grow(words, controller);
  await moveGroup(words, controller);
}

async function comeAndGo(words: Words): Promise<void> {
  const { lib } = words;
  const { T, w, mk, rd } = lib.words();
  const enable = `${S}/namespaces/2/enable`;
  words.forget();
  await mk(`${S}/namespaces/2`);
  await w(`${S}/namespaces/2/device_path`, "/dev/ram2");
  await words.flushev("mkdir ns2 disabled");
  T("enable ns2", await w(enable, "1"));
  await words.flushev("enable ns2");
  T("blocks", await blocks(lib));
  T("disable ns2", await w(enable, "0"));
  await words.flushev("disable ns2");
  T("blocks", await blocks(lib));
  await w(enable, "1");
  await lib.machine.sleep(1);
  T("rmdir ns2 live", await rd(`${S}/namespaces/2`));
  await words.flushev("rmdir ns2");
  T("blocks", await blocks(lib));
}

async function grow(words: Words, controller: string): Promise<void> {
  const { lib } = words;
  const { T, w, r, mk, rd } = lib.words();
  const { machine } = lib;
  const answer = ({ code, text }: { code: number; text: string }) => new Tuple(code, text);
  await machine.calls.truncate("/tmp/f", 16 * mebibyte);
  T("losetup", answer(await machine.losetup("/dev/loop0", "/tmp/f")));
  await mk(`${S}/namespaces/3`);
  await w(`${S}/namespaces/3/device_path`, "/dev/loop0");
  T("enable loop ns3", await w(`${S}/namespaces/3/enable`, "1"));
  await machine.sleep(1);
  T("b3 sizes", await sizes(lib));
  await machine.calls.truncate("/tmp/f", 32 * mebibyte);
  T("loop set_capacity", answer(await machine.resizeLoop("/dev/loop0")));
  T("loop size", await r("/sys/block/loop0/size"));
  await machine.sleep(0.5);
  T("nvme sizes before revalidate", await sizes(lib));
  words.forget();
  T("revalidate", await w(`${S}/namespaces/3/revalidate_size`, "1"));
  await words.flushev("revalidate");
  T("nvme sizes after revalidate", await sizes(lib));
  await w(`${controller}/rescan_controller`, "1");
  await machine.sleep(1);
  T("nvme sizes after rescan", await sizes(lib));
  await rd(`${S}/namespaces/3`);
  await machine.sleep(0.5);
}

async function sizes(lib: Lib): Promise<Tuple[]> {
  const found: Tuple[] = [];
  for (const name of await blocks(lib)) found.push(new Tuple(name, await lib.r(`/sys/block/${name}/size`)));
  return found;
}

async function moveGroup(words: Words, controller: string): Promise<void> {
  const { lib } = words;
  const { T, w, r, mk, rd } = lib.words();
  words.forget();
  await mk(`${P}/ana_groups/2`);
  await w(`${P}/ana_groups/2/ana_state`, "non-optimized");
  await w(`${S}/namespaces/1/ana_grpid`, "2");
  await lib.machine.sleep(1);
  const ana = async (at: string) => [await r(`${at}/ana_state`), await r(`${at}/ana_grpid`)];
  const states: Tuple[] = [];
  for (const name of await blocks(lib)) states.push(new Tuple(name, ...(await ana(`/sys/block/${name}`))));
  T("ana states", [...states, ...(await sizes(lib))]);
  const paths: Tuple[] = [];
  for (const name of await lib.names(controller)) {
    const path = `${controller}/${name}`;
    if (/^nvme.*c.*n/.test(name)) paths.push(new Tuple(path, ...(await ana(path))));
  }
  T("c paths", paths);
  await words.flushev("ana");
  await w(`${S}/namespaces/1/ana_grpid`, "1");
  await rd(`${P}/ana_groups/2`);
  await lib.machine.sleep(0.5);
}
