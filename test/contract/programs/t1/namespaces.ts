import type { Lib } from "../lib.ts";
import { repr } from "../python.ts";
import { namespace as Q, S } from "./names.ts";

const mebibyte = 2 ** 20;

/** Names of namespaces, and what enabling one needs. */
export async function namespaces(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd, ls, names } = lib.words();
  for (const name of ["0", "4294967295", "4294967294", "0x5", "05", "5", "-1", "x", "1 ", "+7"]) {
    T(`mkdir ns ${repr(name)}`, await mk(`${S}/namespaces/${name}`));
  }
  T("ls namespaces", await ls(`${S}/namespaces`));
  for (const name of await names(`${S}/namespaces`)) await rd(`${S}/namespaces/${name}`);
  T("mkdir ns 1", await mk(Q));
  T("ls ns", await ls(Q));
  for (const name of await names(Q)) T(`default ns ${name}`, await r(`${Q}/${name}`));
  const wr = lib.wr.bind(lib);
  T("enable without path", await wr(`${Q}/enable`, "1"));
  T("device_path empty", await w(`${Q}/device_path`, "\n"));
  T("device_path missing", await wr(`${Q}/device_path`, "/tmp/nope\n"));
  T("enable missing file", await wr(`${Q}/enable`, "1\n"));
  T("device_path trailing space kept", await wr(`${Q}/device_path`, "/tmp/sp \n"));
  await w(`${Q}/device_path`, "/tmp");
  T("enable directory", await w(`${Q}/enable`, "1"));
  await w(`${Q}/device_path`, "/dev/null");
  T("enable /dev/null", await wr(`${Q}/enable`, "1"));
  await w(`${Q}/enable`, "0");
  await lib.machine.calls.truncate("/tmp/f", 16 * mebibyte);
  await w(`${Q}/device_path`, "/tmp/f");
  T("enable file on tmpfs (O_DIRECT)", await wr(`${Q}/enable`, "1"));
  await w(`${Q}/enable`, "0");
  T("buffered_io 1", await wr(`${Q}/buffered_io`, "1"));
  T("enable tmpfs buffered", await wr(`${Q}/enable`, "1"));
  T("enable again", await w(`${Q}/enable`, "1"));
  await whileEnabled(lib);
  T("rmdir enabled ns", await rd(Q));
  T("ls ns", await ls(`${S}/namespaces`));
}

async function whileEnabled(lib: Lib): Promise<void> {
  const values: readonly [name: string, value: string][] = [
    ["device_path", "/tmp/g"],
    ["device_uuid", "11111111-1111-1111-1111-111111111111"],
    ["device_nguid", "11111111-1111-1111-1111-111111111111"],
    ["buffered_io", "0"],
    ["ana_grpid", "2"],
    ["p2pmem", "0"],
    ["resv_enable", "1"],
    ["revalidate_size", "1"],
    ["revalidate_size", "0"],
    ["enable", "x"],
  ];
  for (const [name, value] of values) {
    lib.T(`while enabled: ${name} <- ${value}`, await lib.wr(`${Q}/${name}`, value));
  }
}

/** Namespaces on block devices, and the values of their attributes. */
export async function blockNamespaces(lib: Lib): Promise<void> {
  const { T, w, mk, rd } = lib.words();
  const { machine } = lib;
  const wr = lib.wr.bind(lib);
  await mk(Q);
  await machine.modprobe("loop");
  await machine.modprobe("brd", { rd_nr: "1", rd_size: "16384" });
  await machine.modprobe("null_blk", { nr_devices: "1", gb: "1" });
  await w(`${Q}/device_path`, "/dev/ram0");
  T("enable bdev /dev/ram0", await wr(`${Q}/enable`, "1"));
  T("revalidate on enabled", await w(`${Q}/revalidate_size`, "1"));
  await w(`${Q}/enable`, "0");
  T("revalidate on disabled", await w(`${Q}/revalidate_size`, "1"));
  await machine.setReadOnly("ram0", true);
  T("enable read-only bdev", await wr(`${Q}/enable`, "1"));
  await w(`${Q}/enable`, "0");
  await machine.setReadOnly("ram0", false);
  const second = `${S}/namespaces/2`;
  const made = [await mk(second), await w(`${second}/device_path`, "/dev/ram0"), await w(`${second}/enable`, "1")];
  T("same bdev in two ns: ns2", `${made.join(" ")} & ns1 ${await w(`${Q}/enable`, "1")}`);
  await w(`${Q}/enable`, "0");
  await rd(second);
  await identities(lib);
  const groups = ["0", "1", "2", "127", "128", "129", "x", "0x10\n", "-1"];
  await lib.each("ana_grpid", `${Q}/ana_grpid`, groups);
  await w(`${Q}/ana_grpid`, "1");
  T("device_path 4096+ bytes", await w(`${Q}/device_path`, `/${"a".repeat(5000)}`));
  await w(`${Q}/device_path`, "/dev/ram0");
  T("re-read same fd after write needs reopen", 1);
  T("rmdir subsys with ns", await rd(S));
}

async function identities(lib: Lib): Promise<void> {
  const uuids = [
    "11111111-2222-3333-4444-555555555555\n",
    "AAAAAAAA-2222-3333-4444-555555555555",
    "11111111-2222-3333-4444-555555555555XYZ",
    "11111111222233334444555555555555",
    "{11111111-2222-3333-4444-555555555555}",
    "uuid",
    "\n",
    "00000000-0000-0000-0000-000000000000",
  ];
  await lib.each("device_uuid", `${Q}/device_uuid`, uuids);
  const nguids = [
    "11111111-2222-3333-4444-555555555555\n",
    "11111111222233334444555555555555",
    "11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:aa",
    "1111",
    "0x11",
    "zz",
  ];
  await lib.each("device_nguid", `${Q}/device_nguid`, nguids);
}
