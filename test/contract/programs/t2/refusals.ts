import { A, HN } from "../fabrics.ts";
import { attempt, type Lib } from "../lib.ts";
import { type ConnectArguments, HI2, HN2, type Words } from "./world.ts";

type Refusal = [label: string, nqn: string, given?: ConnectArguments];

/** Connects that are refused, or taken back at once. */
export async function refusals(words: Words): Promise<void> {
  const { T } = words.lib.words();
  const each = async (rows: readonly Refusal[]) => {
    for (const [label, nqn, given] of rows) T(label, await words.RC(nqn, given));
  };
  T("read options line", await optionsLine(words.lib));
  await each([
    ["empty write", "", { raw: "" }],
    ["only newline", "", { raw: "\n" }],
    ["unknown opt", A, { extra: "foo=1" }],
    ["missing nqn", "", { raw: "transport=tcp,traddr=127.0.0.1,trsvcid=4420" }],
    ["missing transport", "", { raw: `nqn=${A},traddr=127.0.0.1` }],
    ["missing traddr", "", { raw: `nqn=${A},transport=tcp` }],
    ["unknown transport", A, { tr: "bogus" }],
    ["hostname traddr", A, { traddr: "localhost" }],
    ["no trsvcid -> 8009", A, { svc: null }],
    ["conn refused", A, { svc: "4499" }],
    ["unknown subsys", "nqn.2024-01.io.x:zzz"],
  ]);
  T("dmesg", await words.dm("nvme", 3));
  await each([["host not allowed", A, { hostnqn: HN2, hostid: HI2 }]]);
  T("dmesg", await words.dm("nvme", 3));
  await each([
    ["bad hostid", A, { hostnqn: HN, hostid: "xyz" }],
    ["hostnqn without hostid", A, { hostnqn: HN, hostid: null }],
  ]);
  T("dmesg", await words.dm("nvme", 2));
  await each([
    ["nqn 223", "n".repeat(223)],
    ["nqn 222", "n".repeat(222)],
    ["hostnqn 223", A, { hostnqn: "h".repeat(223) }],
    ["queue_size 15", A, { extra: "queue_size=15" }],
    ["queue_size 1025", A, { extra: "queue_size=1025" }],
    ["nr_io_queues 0", A, { extra: "nr_io_queues=0" }],
    ["keep_alive_tmo -1", A, { extra: "keep_alive_tmo=-1" }],
    ["reconnect_delay 0", A, { extra: "reconnect_delay=0" }],
    ["host_iface bogus", A, { extra: "host_iface=bogus0" }],
    ["host_traddr nonlocal", A, { extra: "host_traddr=192.0.2.1" }],
    ["dhchap bad", A, { extra: "dhchap_secret=abc" }],
    ["tls without key", A, { extra: "tls" }],
    ["trsvcid text", A, { svc: "abc" }],
    ["discovery flag on nvm subsys", A, { extra: "discovery" }],
  ]);
  T("state after rejects", await words.ctrls());
  words.forget();
}

async function optionsLine(lib: Lib): Promise<string> {
  const { calls } = lib.machine;
  const device = await calls.open("/dev/nvme-fabrics", { access: "read" });
  const read = await attempt(() => calls.read(device, 4096));
  await calls.close(device);
  return typeof read === "string" ? read : Buffer.from(read).toString().trim();
}
