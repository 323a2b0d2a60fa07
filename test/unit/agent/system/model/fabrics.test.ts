import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import type { Change, ConnectOptions } from "../../../../../agent/system/system.ts";
import { Secret } from "../../../../../shared/secret.ts";
import {
  build,
  connectTo,
  controllers,
  disks,
  errnoOf,
  exportBoth,
  hostA,
  hostB,
  hostidB,
  initiatorNode,
  never,
  nqnA,
  nqnB,
  pair,
  run,
  turns,
  uuidA,
} from "./lab.ts";

const linkA = `ports/1/subsystems/${nqnA}`;
const linkB = `ports/1/subsystems/${nqnB}`;

async function connect(system: ModelSystem, nqn = nqnA, options: ConnectOptions = {}): Promise<string> {
  const result = await errnoOf(system.do(connectTo(nqn, options), never));
  await turns();
  return result;
}

function write(system: ModelSystem, path: string, value: string): Promise<string> {
  return errnoOf(system.do({ op: "write", path, value }, never));
}

describe("a connect", () => {
  it("needs a loaded module", async () => {
    const initiator = await initiatorNode();
    expect(await initiator.read("/dev/nvme-fabrics")).toBe(
      "instance=-1,cntlid=-1,transport=%s,traddr=%s,trsvcid=%s,nqn=%s,queue_size=%d,nr_io_queues=%d,reconnect_delay=%d,ctrl_loss_tmo=%d,keep_alive_tmo=%d,hostnqn=%s,host_traddr=%s,host_iface=%s,hostid=%s,duplicate_connect,disable_sqflow,hdr_digest,data_digest,nr_write_queues=%d,nr_poll_queues=%d,tos=%d,keyring=%d,tls_key=%d,fast_io_fail_tmo=%d,discovery,dhchap_secret=%s,dhchap_ctrl_secret=%s,tls\n",
    );
  });

  it("keeps host NQN and host id together, over all controllers", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["link", `subsystems/${nqnA}/allowed_hosts/b`, `hosts/${hostB}`, "ok"]]);
    expect(await connect(initiator)).toBe("ok");
    expect(await connect(initiator, nqnA, { hostnqn: hostB })).toBe("EINVAL");
    expect(await connect(initiator, nqnA, { hostid: hostidB, duplicate_connect: true })).toBe("EINVAL");
    expect(await connect(initiator, nqnA, { hostnqn: hostB, hostid: hostidB })).toBe("ok");
  });

  it("78, 79: makes a controller, its disk and their events, once", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    const stop = new AbortController();
    const seen: Change[] = [];
    const watching = (async () => {
      for await (const change of initiator.changes(stop.signal)) seen.push(change);
    })();
    expect(await connect(initiator)).toBe("ok");
    expect(await connect(initiator)).toBe("EALREADY");
    stop.abort();
    await watching;
    expect(seen.map(({ action, device }) => `${action} ${device}`)).toEqual([
      "add nvme2",
      "add nvme-subsys2",
      "change nvme2",
      "add nvme2n1",
    ]);
    const read = async (name: string) => (await initiator.read(`/sys/class/nvme/nvme2/${name}`)).trimEnd();
    expect(await read("address")).toBe("traddr=10.0.0.1,trsvcid=4420,src_addr=10.0.0.2");
    expect(await read("serial")).toBe("5eed0001");
    expect(await read("hostnqn")).toBe(hostA);
    expect(await read("queue_count")).toBe("3");
    expect(await read("sqsize")).toBe("127");
    expect(await read("cntlid")).toBe("1");
  });

  it("31, 32: freezes what the host was told", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await connect(initiator);
    for (const name of ["serial", "model", "version", "firmware", "ieee_oui"]) {
      expect(await run(target, ["write", `subsystems/${nqnA}/attr_${name}`, "1.4", ""])).toBe("EINVAL");
    }
    expect(await run(target, ["write", `subsystems/${nqnA}/attr_cntlid_min`, "2", ""])).toBe("ok");
  });

  it("90: ends when the controller ids do", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["write", `subsystems/${nqnA}/attr_cntlid_max`, "2", "ok"]]);
    expect(await connect(initiator)).toBe("ok");
    expect(await connect(initiator, nqnA, { duplicate_connect: true })).toBe("ok");
    expect(await connect(initiator, nqnA, { duplicate_connect: true })).toBe("EIO");
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2c3n1", "nvme2n1"]);
  });
});

const keyOne = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";
const keyTwo = "DHHC-1:00:gMMeHPUQ9Ya44cNpOSFq7Qc97pon26I+eJErQ7vXeM0juvwt:";

const keyRows: [
  says: string,
  target: { key?: string; ctrl?: string; any?: boolean },
  secrets: [string?, string?] | [undefined, string],
  errno: string,
  kernels?: [target: string, initiator: string],
][] = [
  ["a key of the host alone", {}, [keyOne], "ok"],
  ["no key of the host, on 6.8", { key: keyOne }, [], "EIO", ["6.12", "6.8"]],
  ["no key of a host that cannot authenticate", { key: keyOne }, [], "EIO", ["6.12", "6.1"]],
  ["a controller key that is not asked for", { key: keyOne, ctrl: keyTwo }, [keyOne], "ok"],
  ["a controller key that an old target lacks", { key: keyOne }, [keyOne, keyTwo], "ok", ["6.11", "6.12"]],
  ["only a controller key", { key: keyOne }, [undefined, keyTwo], "ENOKEY"],
];

describe("DH-HMAC-CHAP", () => {
  it.each(keyRows)("with %s", async (_, keys, [secret, ctrl], errno, kernels) => {
    const { target, initiator } = await pair(kernels && { target: kernels[0], initiator: kernels[1] });
    await exportBoth(target);
    const set = async (name: string, key: string | undefined) =>
      key !== undefined && (await build(target, [["write", `hosts/${hostA}/${name}`, key, "ok"]]));
    await set("dhchap_key", keys.key);
    await set("dhchap_ctrl_key", keys.ctrl);
    if (keys.any) {
      await build(target, [
        ["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"],
        ["write", `subsystems/${nqnA}/attr_allow_any_host`, "1", "ok"],
      ]);
    }
    const secrets = {
      ...(secret && { dhchap_secret: new Secret(secret) }),
      ...(ctrl && { dhchap_ctrl_secret: new Secret(ctrl) }),
    };
    expect(await connect(initiator, nqnA, secrets)).toBe(errno);
  });

  it("is rotated on the target first, then on the host; the other way round loses the controller", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["write", `hosts/${hostA}/dhchap_key`, keyOne, "ok"]]);
    await connect(initiator, nqnA, { dhchap_secret: keyOne });
    const secret = "/sys/class/nvme/nvme2/dhchap_secret";
    await build(target, [["write", `hosts/${hostA}/dhchap_key`, keyTwo, "ok"]]);
    expect(await write(initiator, secret, keyTwo)).toBe("ok");
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    expect(await write(initiator, secret, keyOne)).toBe("ok");
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([]);
  });
});

describe("a connection over time", () => {
  it.each([
    ["6.8", ["nvme2 connecting nqn.2024-01.io.x:a"]],
    ["6.12", []],
  ])("83, 84: on %s a revoked host stays until it is reset", async (kernel, left) => {
    const { target, initiator } = await pair({ initiator: kernel });
    await exportBoth(target);
    await connect(initiator);
    await build(target, [["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"]]);
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    await initiator.readBlocks("nvme2n1", 0, 16);
    expect(await write(initiator, "/sys/class/nvme/nvme2/reset_controller", "1")).toBe("ENETRESET");
    expect(await controllers(initiator)).toEqual(left);
  });

  it.each([
    ["6.8", [`nvme2 live ${nqnA}`, `nvme3 live ${nqnB}`]],
    ["6.12", [`nvme3 live ${nqnB}`]],
  ])("85, 87: on %s a subsystem that is linked too late is lost or not", async (kernel, left) => {
    const { clock, target, initiator } = await pair({ initiator: kernel });
    await exportBoth(target);
    await connect(initiator);
    await connect(initiator, nqnB);
    await build(target, [
      ["unlink", linkA, "ok"],
      ["unlink", linkB, "ok"],
    ]);
    await clock.advance(4000);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`, `nvme3 connecting ${nqnB}`]);
    await build(target, [["link", linkB, `subsystems/${nqnB}`, "ok"]]);
    await clock.advance(4000);
    await build(target, [["link", linkA, `subsystems/${nqnA}`, "ok"]]);
    await clock.advance(4000);
    expect(await controllers(initiator)).toEqual(left);
  });

  it("86: survives a port that is down for a while, under the same name", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["unlink", linkB, "ok"]]);
    await connect(initiator);
    await build(target, [["unlink", linkA, "ok"]]);
    await clock.advance(4000);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2n1"]);
    await build(target, [["link", linkA, `subsystems/${nqnA}`, "ok"]]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2n1"]);
  });

  it("gives up after ctrl_loss_tmo, and leaves no timer behind", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await connect(initiator, nqnA, { ctrl_loss_tmo: 5 });
    await target.stop();
    await turns();
    await clock.advance(5000);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });

  it("88: a namespace that goes while it is open comes back under another name", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await connect(initiator);
    const enable = `subsystems/${nqnA}/namespaces/1/enable`;
    initiator.openByProcess("nvme2n1", 812, "postgres");
    await build(target, [["write", enable, "0", "ok"]]);
    await turns();
    expect(await disks(initiator)).toEqual([]);
    await build(target, [["write", enable, "1", "ok"]]);
    await turns();
    expect(await disks(initiator)).toEqual(["nvme2c2n2", "nvme2n2"]);
  });

  it.each([
    ["6.1", "live"],
    ["6.12", "connecting"],
  ])("89: on %s qid_max leaves its hosts %s", async (kernel, state) => {
    const { clock, target, initiator } = await pair({ target: kernel });
    await exportBoth(target);
    await connect(initiator);
    await build(target, [["write", `subsystems/${nqnA}/attr_qid_max`, "128", "ok"]]);
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 ${state} ${nqnA}`]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });

  it("shows a drive that grew once the target has looked again", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await connect(initiator);
    target.resizeDrive("nvme0n1", 4e9);
    await turns();
    expect(await initiator.read("/sys/block/nvme2n1/size")).toBe("3906250\n");
    await build(target, [["write", `subsystems/${nqnA}/namespaces/1/revalidate_size`, "1", "ok"]]);
    await turns();
    expect(await initiator.read("/sys/block/nvme2n1/size")).toBe("7812500\n");
  });

  it("shows ANA states on the path", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await connect(initiator);
    await build(target, [
      ["mkdir", "ports/1/ana_groups/2", "ok"],
      ["write", "ports/1/ana_groups/2/ana_state", "non-optimized", "ok"],
      ["write", `subsystems/${nqnA}/namespaces/1/ana_grpid`, "2", "ok"],
    ]);
    await turns();
    expect(await initiator.read("/sys/class/nvme/nvme2/nvme2c2n1/ana_state")).toBe("non-optimized\n");
    expect(await initiator.read("/sys/class/nvme/nvme2/nvme2c2n1/ana_grpid")).toBe("2\n");
    await expect(initiator.read("/sys/block/nvme2n1/ana_state")).rejects.toMatchObject({ errno: "ENOENT" });
  });

  it("ignores a namespace whose uuid it knows from another subsystem", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [
      ["write", `subsystems/${nqnB}/namespaces/1/enable`, "0", "ok"],
      ["write", `subsystems/${nqnB}/namespaces/1/device_uuid`, uuidA, "ok"],
      ["write", `subsystems/${nqnB}/namespaces/1/enable`, "1", "ok"],
    ]);
    await connect(initiator);
    await connect(initiator, nqnB);
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2n1"]);
  });
});
