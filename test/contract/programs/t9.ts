import { A, connect, HI, HN, lastTexts, makePort, P, warnings } from "./fabrics.ts";
import type { Lib } from "./lib.ts";
import { Tuple } from "./python.ts";

const modules = ["configfs", "nvmet", "nvmet-tcp", "nvme-fabrics", "nvme-tcp", "tcp_diag", "inet_diag"];
const S = `subsystems/${A}`;
const HI2 = "21111111-2222-3333-4444-555555555555";
const HN2 = `nqn.2014-08.org.nvmexpress:uuid:${HI2}`;

/** A host that is revoked, and its sockets closed (t9.py). */
export async function t9(lib: Lib): Promise<void> {
  const { T, w, r, mk, ln, un } = lib.words();
  const { machine } = lib;
  await lib.boot(modules);
  await machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await mk(`hosts/${HN}`);
  await mk(`hosts/${HN2}`);
  await mk(S);
  await mk(`${S}/namespaces/1`);
  await w(`${S}/namespaces/1/device_path`, "/dev/ram0");
  await w(`${S}/namespaces/1/enable`, "1");
  await ln(`hosts/${HN}`, `${S}/allowed_hosts/1`);
  await ln(`hosts/${HN2}`, `${S}/allowed_hosts/2`);
  await makePort(lib, "0.0.0.0");
  T("link", await ln(S, `${P}/subsystems/a`));
  for (const address of ["127.0.0.2/8", "127.0.0.3/8"]) await machine.addAddress(address, "lo");

  const C = async (hostnqn: string, hostid: string, source: string): Promise<string> => {
    const line = `nqn=${A},transport=tcp,traddr=127.0.0.1,trsvcid=4420,nr_io_queues=1,reconnect_delay=2,host_traddr=${source},hostnqn=${hostnqn},hostid=${hostid}`;
    const answer = await connect(lib, line);
    return "told" in answer ? answer.told : answer.errno;
  };
  const st = async () => {
    const found = new Map<string, Tuple>();
    for (const name of await lib.names("/sys/class/nvme")) {
      const state = (await r(`/sys/class/nvme/${name}/state`)).slice(1, -3);
      found.set(name, new Tuple(state, (await r(`/sys/class/nvme/${name}/hostnqn`)).slice(-8, -3)));
    }
    return found;
  };

  T("c1", await C(HN, HI, "127.0.0.2"));
  T("c2", await C(HN2, HI2, "127.0.0.3"));
  T("ss", await machine.sockets(4420));
  T("st", await st());
  T("revoke host1", await un(`${S}/allowed_hosts/1`));
  const { code, text } = await machine.closeSockets("127.0.0.2", 4420);
  T("ss -K", new Tuple(code, text));
  await machine.sleep(0.5);
  T("st", await st());
  await machine.sleep(4);
  T("st +4s", await st());
  T("dm", await lastTexts(lib, 5));
  T("dmwarn", await warnings(lib));
  T("ip rules", 1);
}
