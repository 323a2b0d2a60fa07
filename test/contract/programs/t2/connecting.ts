import { A, blocks } from "../fabrics.ts";
import type { Lib } from "../lib.ts";
import { Tuple } from "../python.ts";
import type { Words } from "./world.ts";

const blockFiles =
  "wwid uuid nguid eui nsid ana_state ana_grpid size hidden queue_depth numa_nodes csi metadata_bytes nuse delayed_removal_secs".split(
    " ",
  );

/** The first connect, and all that sysfs shows of it. Gives the controller's directory. */
export async function connecting(words: Words): Promise<string> {
  const { lib } = words;
  const { T, names } = lib.words();
  const made = await words.C(A, { extra: "nr_io_queues=2,ctrl_loss_tmo=600,reconnect_delay=2" });
  T("connect A", made);
  await words.flushev("connect A");
  T("connect A again", await words.C(A, { extra: "nr_io_queues=2" }));
  T("connect A again other traddr spelling", await words.C(A, { traddr: "127.0.0.1", svc: "04420" }));
  T("ctrls", await words.ctrls());
  await lib.machine.sleep(1);
  const controller = `/sys/class/nvme/nvme${/^ok:instance=(\d+)/.exec(made)?.[1] ?? "None"}`;
  await attributes(lib, "ctrl", controller);
  T("realpath ctrl", await lib.machine.calls.realpath(controller));
  const subsystems = await names("/sys/class/nvme-subsystem");
  T("ls subsystem class", subsystems);
  const subsystem = `/sys/class/nvme-subsystem/${subsystems[0]}`;
  await attributes(lib, "subsys", subsystem);
  T("ls /sys/block", await blocks(lib));
  T(
    "ls /dev",
    (await names("/dev")).filter((name) => name.includes("nvme")),
  );
  for (const name of await blocks(lib)) await blockDevice(lib, name);
  T("multipath param", await lib.r("/sys/module/nvme_core/parameters/multipath"));
  T("params", await lib.ls("/sys/module/nvme_core/parameters"));
  await tunables(lib, controller, subsystem);
  await debugfs(lib);
  await afterwards(lib);
  return controller;
}

async function attributes(lib: Lib, label: "ctrl" | "subsys", at: string): Promise<void> {
  const files = await lib.names(at);
  lib.T(label === "ctrl" ? "ls ctrl" : "ls subsys dir", files);
  for (const file of files) {
    if (file !== "uevent" && (await isFile(lib, `${at}/${file}`)))
      lib.T(`${label} attr ${file}`, await lib.r(`${at}/${file}`));
  }
}

async function blockDevice(lib: Lib, name: string): Promise<void> {
  const at = `/sys/block/${name}`;
  lib.T(`realpath block ${name}`, await lib.machine.calls.realpath(at));
  lib.T(`ls block ${name}`, await lib.ls(at));
  for (const file of blockFiles) {
    const value = await lib.r(`${at}/${file}`);
    if (value !== "ENOENT") lib.T(`block ${name} ${file}`, value);
  }
  for (const directory of ["multipath", "diag"]) {
    if (await lib.exists(`${at}/${directory}`)) lib.T(`${directory} dir`, await lib.ls(`${at}/${directory}`));
  }
}

async function tunables(lib: Lib, controller: string, subsystem: string): Promise<void> {
  const { T, w, r } = lib.words();
  const policies: Tuple[] = [];
  for (const policy of ["round-robin", "queue-depth", "numa", "foo", "service-time"]) {
    policies.push(new Tuple(policy, await w(`${subsystem}/iopolicy`, policy)));
  }
  T("iopolicy write", policies);
  const values = { ctrl_loss_tmo: ["-1", "0", "31", "x", "600"], reconnect_delay: ["0", "5", "x", "2"] };
  for (const [file, written] of Object.entries(values)) {
    const at = `${controller}/${file}`;
    const results: Tuple[] = [];
    for (const value of written) results.push(new Tuple(value, (await w(at, value)) + (await r(at))));
    T(`${file} write`, results);
  }
}

async function debugfs(lib: Lib): Promise<void> {
  await lib.machine.mountDebugfs();
  lib.T("debugfs mount", 0);
  lib.T("debugfs nvmet", await lib.ls("/sys/kernel/debug/nvmet"));
  await walk(lib, "/sys/kernel/debug/nvmet");
}

/** As os.walk, which goes into no link. */
async function walk(lib: Lib, root: string): Promise<void> {
  const directories: string[] = [];
  for (const name of await lib.names(root)) {
    const path = `${root}/${name}`;
    if (await isFile(lib, path)) lib.T(`debugfs ${path}`, await lib.r(path));
    else directories.push(path);
  }
  for (const directory of directories) await walk(lib, directory);
}

async function isFile(lib: Lib, path: string): Promise<boolean> {
  const { mode } = await lib.machine.calls.stat(path);
  return (mode & 0o170000) === 0o100000;
}

/** What the target still lets be changed, now that a host has identified it. */
async function afterwards(lib: Lib): Promise<void> {
  const { T, w } = lib.words();
  const rows = [
    ["serial write after connect", "attr_serial", "1234"],
    ["model after connect", "attr_model", "zz"],
    ["version after connect", "attr_version", "1.4"],
    ["firmware", "attr_firmware", "zz"],
    ["oui", "attr_ieee_oui", "1"],
    ["cntlid_min after", "attr_cntlid_min", "2"],
    ["vendor_id", "attr_vendor_id", "2"],
    ["allow_any after connect", "attr_allow_any_host", "0"],
  ] as const;
  for (const [label, file, value] of rows) T(label, await w(`subsystems/${A}/${file}`, value));
}
