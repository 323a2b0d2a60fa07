import { A, HI, HN } from "../fabrics.ts";
import { HI2, HN2, type Words } from "./world.ts";

/** Host NQNs and host ids that do not go together, and the kernel's own pair. */
export async function pairs(words: Words): Promise<void> {
  const { T, ln } = words.lib.words();
  T("same hostid other hostnqn", await words.C(A));
  await ln(`hosts/${HN2}`, `subsystems/${A}/allowed_hosts/${HN2}`);
  T("  second: HN2 with HI", await words.C(A, { hostnqn: HN2, hostid: HI }));
  T("  third: HN with HI2", await words.C(A, { hostnqn: HN, hostid: HI2, extra: "duplicate_connect" }));
  T("  4: HN2 HI2", await words.C(A, { hostnqn: HN2, hostid: HI2 }));
  T("ctrls", await words.ctrls());
  await words.deleteAll();
  T("no hostnqn/hostid (default host) allow_any=0", await words.C(A, { hostnqn: null, hostid: null }));
}
