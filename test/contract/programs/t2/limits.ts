import { A, blocks } from "../fabrics.ts";
import type { Words } from "./world.ts";

const S = `subsystems/${A}`;

/** A write to attr_qid_max, and controller ids that come to an end. */
export async function limits(words: Words): Promise<void> {
  await kick(words);
  await words.deleteAll();
  await words.lib.machine.sleep(0.5);
  await lastIds(words);
  await words.deleteAll();
}

async function kick(words: Words): Promise<void> {
  const { lib } = words;
  const { T, w } = lib.words();
  if (!(await lib.exists(`${S}/attr_qid_max`))) return;
  await words.deleteAll();
  await lib.machine.sleep(0.5);
  T("reconnect A", await words.C(A, { extra: "nr_io_queues=2,reconnect_delay=1" }));
  words.forget();
  T("qid_max write", await w(`${S}/attr_qid_max`, "128"));
  await lib.machine.sleep(0.3);
  T("ctrls +0.3", await words.ctrls());
  await lib.machine.sleep(3);
  T("ctrls +3", await words.ctrls());
  await words.flushev("qid_max");
}

async function lastIds(words: Words): Promise<void> {
  const { lib } = words;
  const { T, w, names } = lib.words();
  if (await lib.exists(`${S}/attr_cntlid_max`)) {
    await w(`${S}/attr_cntlid_min`, "1");
    await w(`${S}/attr_cntlid_max`, "2");
    T("c1", await words.C(A, { extra: "nr_io_queues=1" }));
    T("c2 dup", await words.C(A, { extra: "nr_io_queues=1,duplicate_connect" }));
    T("c3 dup", await words.C(A, { extra: "nr_io_queues=1,duplicate_connect" }));
    T("dmesg", await words.dm("nvme", 2));
    T("blocks", await blocks(lib));
    await w(`${S}/attr_cntlid_max`, "65519");
  }
  T("ctrls", await words.ctrls());
  const paths: string[] = [];
  for (const name of await names("/sys/block")) {
    if (name.includes("nvme")) paths.push(await lib.machine.calls.realpath(`/sys/block/${name}`));
  }
  T("realpaths", paths);
}
