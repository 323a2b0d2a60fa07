import { createHmac, randomBytes } from "node:crypto";
import { formatDhchapKey } from "../../../shared/nvme/dhchap.ts";
import { A, blocks, connect, HI, HN, lastLines, makePort, P, states, warnings } from "./fabrics.ts";
import type { Lib } from "./lib.ts";

const modules = ["configfs", "nvmet", "nvmet-tcp", "nvme-fabrics", "nvme-tcp"];
const crypto = ["sha256", "hmac", "sha512", "dh_generic", "ecdh_generic"];
const S = `subsystems/${A}`;
const H = `hosts/${HN}`;
const K1 = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";

/** What `nvme gen-dhchap-key` prints; `transformed` as with `-m 1`: a key that is for this host alone. */
function generateKey(transformed = false): string {
  const secret = randomBytes(32);
  if (!transformed) return formatDhchapKey(secret);
  const key = createHmac("sha256", secret).update(HN).update("NVMe-over-Fabrics").digest();
  return formatDhchapKey(key).replace("DHHC-1:00:", "DHHC-1:01:");
}

/** DH-HMAC-CHAP (t3.py). */
export async function t3(lib: Lib): Promise<void> {
  const { T, w, r, mk, ln, un, ls } = lib.words();
  const { machine } = lib;
  await lib.boot(modules);
  for (const each of crypto) await machine.modprobe(each);
  await machine.modprobe("brd", { rd_nr: "4", rd_size: "16384" });
  await mk(H);
  await mk(S);
  await mk(`${S}/namespaces/1`);
  await w(`${S}/namespaces/1/device_path`, "/dev/ram0");
  await w(`${S}/namespaces/1/enable`, "1");
  await ln(H, `${S}/allowed_hosts/${HN}`);
  await makePort(lib, "127.0.0.1");
  T("link", await ln(S, `${P}/subsystems/a`));

  const C = async (extra = "", nqn = A): Promise<string> => {
    const line = `nqn=${nqn},transport=tcp,traddr=127.0.0.1,trsvcid=4420,nr_io_queues=1,reconnect_delay=1,hostnqn=${HN},hostid=${HI}`;
    const began = machine.now();
    const answer = await connect(lib, extra === "" ? line : `${line},${extra}`);
    const took = `${((machine.now() - began) / 1000).toFixed(1)}s`;
    return "told" in answer ? `ok:${answer.told} ${took}` : `${answer.errno} ${took}`;
  };
  const clean = async () => {
    for (const name of await lib.names("/sys/class/nvme")) await w(`/sys/class/nvme/${name}/delete_controller`, "1");
    await machine.sleep(0.3);
  };
  const dm = (count = 5) => lastLines(lib, count);
  const ctrls = () => states(lib);

  const K2 = generateKey();
  const K3 = generateKey(true);
  T("no key both", await C());
  await clean();
  T("key on host only", await C(`dhchap_secret=${K1}`));
  await clean();
  T("set key", await w(`${H}/dhchap_key`, K1));
  T("target key, host none", await C());
  T("dm", await dm());
  await clean();
  T("wrong key", await C(`dhchap_secret=${K2}`));
  T("dm", await dm());
  await clean();
  T("right key", await C(`dhchap_secret=${K1}`));
  T("dm", await dm(3));
  T("change target key while connected", await w(`${H}/dhchap_key`, K2));
  await machine.sleep(1);
  T("state", await ctrls());
  T("dhchap_secret read", await r("/sys/class/nvme/nvme0/dhchap_secret"));
  T("reset with stale key", await w("/sys/class/nvme/nvme0/reset_controller", "1"));
  await machine.sleep(3);
  T("state", await ctrls());
  T("dm", await dm(6));
  await clean();
  T("K2 ok", await C(`dhchap_secret=${K2}`));
  T("rotate host: write K1 to dhchap_secret", await w("/sys/class/nvme/nvme0/dhchap_secret", K1));
  await machine.sleep(2);
  T("state", await ctrls());
  T("dm", await dm(5));
  await clean();

  await w(`${H}/dhchap_key`, K1);
  T("garbage key on target", await w(`${H}/dhchap_key`, "DHHC-1:00:garbage:"));
  T("connect", await C(`dhchap_secret=${K1}`));
  T("dm", await dm(4));
  await clean();
  await w(`${H}/dhchap_key`, K1);
  T("ctrl key set on target only", await w(`${H}/dhchap_ctrl_key`, K2));
  T("connect w/o ctrl secret", await C(`dhchap_secret=${K1}`));
  await clean();
  T("connect with ctrl secret", await C(`dhchap_secret=${K1},dhchap_ctrl_secret=${K2}`));
  await clean();
  T("wrong ctrl secret", await C(`dhchap_secret=${K1},dhchap_ctrl_secret=${K1}`));
  T("dm", await dm(4));
  await clean();
  T("ctrl secret without host secret", await C(`dhchap_ctrl_secret=${K2}`));
  await clean();
  T("clear ctrl key NUL", await w(`${H}/dhchap_ctrl_key`, "\0"));
  T("ctrl secret but target has none", await C(`dhchap_secret=${K1},dhchap_ctrl_secret=${K2}`));
  T("dm", await dm(4));
  await clean();
  T("K3 hmac-transformed key", `${await w(`${H}/dhchap_key`, K3)} ${await C(`dhchap_secret=${K3}`)}`);
  await clean();
  await w(`${H}/dhchap_key`, K1);
  for (const group of ["ffdhe2048", "ffdhe8192"]) {
    T(`dhgroup ${group}`, `${await w(`${H}/dhchap_dhgroup`, group)} ${await C(`dhchap_secret=${K1}`)}`);
    await clean();
  }
  T("hash sha512", `${await w(`${H}/dhchap_hash`, "hmac(sha512)")} ${await C(`dhchap_secret=${K1}`)}`);
  await clean();
  T("discovery with key set, host no key", await C("", "nqn.2014-08.org.nvmexpress.discovery"));
  await clean();
  await un(`${S}/allowed_hosts/${HN}`);
  T("allow_any=1", await w(`${S}/attr_allow_any_host`, "1"));
  T("allow_any + host no key", await C());
  T("dm", await dm(2));
  await clean();
  await w(`${S}/attr_allow_any_host`, "0");
  await ln(H, `${S}/allowed_hosts/${HN}`);
  T("clear key with NUL", (await w(`${H}/dhchap_key`, "\0")) + (await r(`${H}/dhchap_key`)));
  T("connect no key again", await C());
  await clean();

  const N1 = `${S}/namespaces/1`;
  const set = (name: string, value: string) => w(`${N1}/${name}`, value);
  T("connect", await C());
  await machine.sleep(0.5);
  const moved = (await set("enable", "0")) + (await set("device_path", "/dev/ram1")) + (await set("enable", "1"));
  T("enable=0 then path change then enable=1", moved);
  await machine.sleep(1);
  T("blocks", await blocks(lib));
  await clean();
  await set("enable", "0");
  T("buffered_io on bdev", (await set("buffered_io", "1")) + (await set("enable", "1")));
  const path = () => r(`${N1}/device_path`);
  const returned = (await set("enable", "0")) + (await set("device_path", "/dev/ram1\r\n")) + (await path());
  T("device_path with trailing CR", returned);
  T("cmd: two-line write", (await set("device_path", "/dev/ram1\n/dev/ram2\n")) + (await path()));
  T("dm warnings", await warnings(lib));
  await set("buffered_io", "0");
  await set("enable", "1");
  await machine.mountDebugfs();
  T("debugfs", await ls("/sys/kernel/debug/nvmet"));
}
