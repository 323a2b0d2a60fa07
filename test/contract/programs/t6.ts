import { attempt, type Lib } from "./lib.ts";
import { type Printed, Tuple } from "./python.ts";

const A = "nqn.2024-01.io.x:a";
const hostid = "11111111-2222-3333-4444-555555555555";
const hostnqn = `nqn.2014-08.org.nvmexpress:uuid:${hostid}`;
const S = `subsystems/${A}`;

/** Names of disks over two paths, and what becomes of them when a path, an identity or a port goes (t6.py). */
export async function t6(lib: Lib): Promise<void> {
  const { T, w, r, rd, un, names } = lib.words();
  const { machine } = lib;
  await prepare(lib);
  T("c1", await connect(lib, 4420));
  T("c2", await connect(lib, 4421));
  await machine.sleep(1);
  await show(lib, "two paths");
  await w("/sys/class/nvme/nvme0/delete_controller", "1");
  await machine.sleep(0.5);
  await show(lib, "nvme0 deleted");
  T("c3", await connect(lib, 4420));
  await machine.sleep(0.5);
  await show(lib, "reconnected");
  const wwids: Printed[] = [];
  for (const disk of await disks(lib)) wwids.push(new Tuple(disk, await r(`/sys/block/${disk}/wwid`)));
  T("ns lookup by-wwid", wwids);
  await w(`${S}/namespaces/1/enable`, "0");
  await w(`${S}/namespaces/1/device_uuid`, "99999999-aaaa-4bbb-8ccc-000000000001");
  await w(`${S}/namespaces/1/enable`, "1");
  await machine.sleep(1);
  await show(lib, "uuid changed");
  T("dm", (await machine.kernelLog()).filter((line) => line.includes("nvme")).slice(-4));
  await un("ports/1/subsystems/a");
  await un("ports/2/subsystems/a");
  await machine.sleep(2);
  await show(lib, "ports down");
  T("rmdir p1", await rd("ports/1"));
  const deleted: string[] = [];
  for (const name of await names("/sys/class/nvme")) {
    deleted.push(await w(`/sys/class/nvme/${name}/delete_controller`, "1"));
  }
  T("delete while connecting", deleted);
  await machine.sleep(0.5);
  await show(lib, "deleted");
}

async function prepare(lib: Lib): Promise<void> {
  const { T, w, mk, ln } = lib.words();
  const { machine } = lib;
  if (await lib.exists("/nomp")) await machine.modprobe("nvme_core", { multipath: "N" });
  await lib.boot(["configfs", "nvmet", "nvmet-tcp", "nvme-fabrics", "nvme-tcp"]);
  await machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await mk(S);
  await w(`${S}/attr_allow_any_host`, "1");
  for (const [nsid, disk] of [
    [1, "/dev/ram0"],
    [7, "/dev/ram1"],
  ] as const) {
    const namespace = `${S}/namespaces/${nsid}`;
    await mk(namespace);
    await w(`${namespace}/device_path`, disk);
    await w(`${namespace}/enable`, "1");
  }
  for (const port of [1, 2]) {
    await mk(`ports/${port}`);
    await lib.address(`ports/${port}`, "127.0.0.1", String(4419 + port));
    T(`link ${port}`, await ln(S, `ports/${port}/subsystems/a`));
  }
}

async function connect(lib: Lib, service: number): Promise<string> {
  const { calls } = lib.machine;
  const fabrics = await calls.open("/dev/nvme-fabrics", { access: "both" });
  const options = `nqn=${A},transport=tcp,traddr=127.0.0.1,trsvcid=${service},nr_io_queues=1,reconnect_delay=1,hostnqn=${hostnqn},hostid=${hostid}`;
  const result = await attempt(async () => {
    await calls.write(fabrics, options);
    return Buffer.from(await calls.read(fabrics, 99))
      .toString()
      .trim();
  });
  await calls.close(fabrics);
  return result;
}

async function disks(lib: Lib): Promise<string[]> {
  return (await lib.names("/sys/block")).filter((name) => name.includes("nvme"));
}

/** Everything by which a disk can be found. */
async function show(lib: Lib, label: string): Promise<void> {
  const { T, r, names } = lib.words();
  const value = async (path: string) => (await r(path)).slice(1, -3);
  const children = async (path: string) => (await names(path)).filter((name) => /^(nvme|ng)/.test(name));
  const blocks: Printed[] = [];
  for (const disk of await disks(lib)) {
    const at = (await lib.machine.calls.realpath(`/sys/block/${disk}`)).replace("/sys/devices/virtual", "");
    const [nsid, hidden] = [await value(`/sys/block/${disk}/nsid`), await value(`/sys/block/${disk}/hidden`)];
    blocks.push(new Tuple(disk, at, nsid, hidden));
  }
  T(`${label} blocks`, blocks);
  const subsystems = new Map<string, Printed>();
  for (const name of await names("/sys/class/nvme-subsystem")) {
    subsystems.set(name, await children(`/sys/class/nvme-subsystem/${name}`));
  }
  T(`${label} subsys`, subsystems);
  const controllers = new Map<string, Printed>();
  for (const name of await names("/sys/class/nvme")) {
    const at = `/sys/class/nvme/${name}`;
    controllers.set(name, new Tuple(await value(`${at}/state`), await value(`${at}/cntlid`), await children(at)));
  }
  T(`${label} ctrl`, controllers);
  T(
    `${label} dev`,
    (await names("/dev")).filter((name) => name.includes("nvme")),
  );
}
