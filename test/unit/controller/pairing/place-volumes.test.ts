import { describe, expect, test } from "vitest";
import { type Exporter, placeVolumes } from "../../../../controller/pairing/place-volumes.ts";
import type { Volume } from "../../../../controller/pairing/volume.ts";
import { VolumeArguments } from "../../../../controller/pairing/volume-arguments.ts";
import type { Asked } from "../../../../controller/pairing/wants-of.ts";
import type { AddressFacts } from "../../../../shared/protocol/facts.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import { drive, target } from "../../../support/volumes.ts";

const id = (name: string) => NodeId.parse(name);

function nic(number: number, address: string): AddressFacts {
  const mac = `02:00:00:00:00:0${number}`;
  return { interface: `eth${number}`, address, family: "ipv4", prefix: 16, mac };
}

function exporter(node: string, more: Partial<Exporter> = {}): Exporter {
  const number = Number(node.slice(-2));
  return {
    ...target(node, [drive(`${node}a`, 2), drive(`${node}b`, 4)]),
    addresses: [nic(0, `10.20.1.${number}`), nic(1, `10.30.1.${number}`)],
    listeners: [],
    ...more,
  };
}

let drawn = 0;
const uuid = () => `00000000-0000-4000-8000-${String(drawn++).padStart(12, "0")}`;

const asked = (initiator: string, args: object): Asked => ({
  host: initiator,
  initiator: id(initiator),
  arguments: VolumeArguments.parse({ name: "data", targets: "flash", size: 1e9, ...args }),
});

function place(
  wants: readonly Asked[],
  { exporters = [exporter("flash01"), exporter("flash02")], known = [] as Volume[] } = {},
) {
  return placeVolumes({
    asked: wants,
    nodesOf: () => exporters.map(({ node }) => node),
    exporters,
    known: new Map(known.map((volume) => [volume.volume, volume])),
    uuid,
    now: 1000,
  });
}

function placed(...args: Parameters<typeof place>): Volume[] {
  const { volumes, unmet } = place(...args);
  expect(unmet).toEqual([]);
  return [...volumes.values()];
}

const reasons = (...args: Parameters<typeof place>) =>
  place(...args).unmet.map(({ volume, reason, hint }) => `${volume}: ${reason} (${hint})`);

describe("a volume that is new", () => {
  test("gets names and numbers of its own, and a port for each path", () => {
    const [volume] = placed([asked("db01", { paths: 2, authentication: "dhchap" })]);
    expect(volume).toMatchObject({
      volume: "db01/data",
      drive: "eui.flash01a",
      nsid: 1,
      authentication: "dhchap",
      keyVersion: 1,
      why: { is: "smallest", load: 0 },
      pairs: [{ initiator: "db01", ready: false }],
      legs: [
        {
          target: "flash01",
          device: "/dev/disk/by-id/nvme-flash01a",
          ana: "optimized",
          cntlid: { min: 1, max: 65_519 },
          ports: [
            { id: 1, address: "10.20.1.1", service_id: "4421" },
            { id: 2, address: "10.30.1.1", service_id: "4421" },
          ],
        },
      ],
    });
    expect(volume?.nqn).toBe(`nqn.2014-08.org.nvmexpress:uuid:${volume?.nqn.split(":").at(-1)}`);
    expect(volume?.nguid).toBe(volume?.uuid.replaceAll("-", ""));
    expect(volume?.nqn).not.toContain(volume?.uuid);
  });

  test("shares neither service ids nor port ids with what listens on its target already", () => {
    const only = [exporter("flash01", { listeners: [{ id: 1, address: "10.20.1.1", service_id: "4421" }] })];
    const volumes = placed([asked("db01", {}), asked("db02", {})], { exporters: only });
    const ports = volumes.flatMap(({ legs }) => legs.flatMap((leg) => leg.ports));
    expect(ports).toEqual([
      // The other address carries nothing yet.
      { id: 2, address: "10.30.1.1", service_id: "4421" },
      { id: 3, address: "10.20.1.1", service_id: "4422" },
    ]);
  });

  test("that all share is one, with a pair for each initiator", () => {
    const [volume, ...more] = placed([asked("db01", { share: "all" }), asked("db02", { share: "all" })]);
    expect(more).toEqual([]);
    expect(volume).toMatchObject({ volume: "share:data", pairs: [{ initiator: "db01" }, { initiator: "db02" }] });
  });

  test("from two targets has the same ids on both, controller ids apart, and one optimized target", () => {
    const args = { backing: "replicated", device: "/dev/drbd0", optimized: "flash02" };
    const [volume] = placed([asked("db01", args)]);
    expect(volume?.legs).toMatchObject([
      { target: "flash02", device: "/dev/drbd0", ana: "optimized", cntlid: { min: 1, max: 32_759 } },
      { target: "flash01", device: "/dev/drbd0", ana: "non-optimized", cntlid: { min: 32_760, max: 65_518 } },
    ]);
  });

  test("is refused where its target has too few NICs, or no service id left", () => {
    expect(reasons([asked("db01", { paths: 3 })])).toEqual([
      "db01/data: flash01 has addresses on 2 NICs only (10.20.1.1 on eth0, 10.30.1.1 on eth1), and 3 paths are asked for (paths over one NIC fail together: ask for fewer paths, or widen addresses:)",
    ]);
    const taken = [exporter("flash01", { listeners: [{ address: "10.30.1.1", service_id: "4421" }] })];
    const narrow = { addresses: "10.30.0.0/16", service_ids: "4421-4421" };
    expect(reasons([asked("db01", narrow)], { exporters: taken })).toEqual([
      "db01/data: flash01 has no service id of 4421-4421 free on 10.30.1.1 (give service_ids: a wider range)",
    ]);
  });
});

describe("a volume that is there", () => {
  const made = (args: object = {}) =>
    placed([asked("db01", args)]).map((volume) => ({
      ...volume,
      pairs: volume.pairs.map((pair) => ({ ...pair, ready: true, keyVersion: volume.keyVersion })),
    }));

  test("stays as it is, whatever else has come", () => {
    const known = made({ paths: 2 });
    const more = [exporter("flash00"), exporter("flash01"), exporter("flash02")];
    expect(placed([asked("db01", { paths: 2 })], { known, exporters: more })).toEqual(known);
  });

  test("keeps what it has while its target does not answer", () => {
    const known = made();
    expect(placed([asked("db01", {})], { known, exporters: [exporter("flash02")] })).toEqual(known);
  });

  test("moves its paths by opening new ports, and marks those that it leaves", () => {
    const known = made({ addresses: "eth0" });
    const [volume] = placed([asked("db01", { addresses: "eth1" })], { known });
    expect(volume?.legs[0]?.ports).toEqual([
      { id: 1, address: "10.20.1.1", service_id: "4421", leaving: true },
      { id: 2, address: "10.30.1.1", service_id: "4421" },
    ]);
  });

  test("forgets the ports that it was given where it was never made, or was undone", () => {
    const known = placed([asked("db01", { addresses: "eth0" })]);
    const [volume] = placed([asked("db01", { addresses: "eth1" })], { known });
    expect(volume?.legs[0]?.ports).toEqual([{ id: 2, address: "10.30.1.1", service_id: "4421" }]);
  });

  test("that was on its way elsewhere comes back to the port that it was leaving", () => {
    const known = made({ addresses: "eth0" });
    const moving = placed([asked("db01", { addresses: "eth1" })], { known });
    const [volume] = placed([asked("db01", { addresses: "eth0" })], { known: moving });
    expect(volume?.legs[0]?.ports).toEqual([
      { id: 1, address: "10.20.1.1", service_id: "4421" },
      { id: 2, address: "10.30.1.1", service_id: "4421", leaving: true },
    ]);
  });

  test.each([
    [
      "another transport",
      { transport: "rdma" },
      "it is connected over tcp, not rdma (a volume keeps its transport: remove it (state: absent) before it is made anew)",
    ],
    [
      "another authentication",
      { authentication: "dhchap" },
      "it was made with authentication: none, not dhchap (hosts that are connected cannot take that up: remove it (state: absent) before it is made anew)",
    ],
    [
      "another drive",
      { device: "/dev/flash02b" },
      "it lies on /dev/disk/by-id/nvme-flash01a of flash01, not on /dev/flash02b (a volume keeps its drive: remove it (state: absent) before it is made elsewhere)",
    ],
    [
      "more than its drive has",
      { size: 3e9 },
      "it lies on /dev/disk/by-id/nvme-flash01a of flash01 with 2000000000 bytes, and 3000000000 are asked for (a drive does not grow: make a new volume and copy; a file or logical volume is grown on its target first)",
    ],
  ])("refuses %s", (_, args, reason) => {
    expect(reasons([asked("db01", args)], { known: made() })).toEqual([`db01/data: ${reason}`]);
  });

  describe("of an initiator that has others on the same target", () => {
    const only = { exporters: [exporter("flash01")] };
    const known = () =>
      placed([asked("db01", { authentication: "dhchap" })], only).map((volume) => ({
        ...volume,
        pairs: volume.pairs.map((pair) => ({ ...pair, ready: true, keyVersion: volume.keyVersion })),
      }));

    test.each([
      ["says nothing of keys", {}, "authentication: none", "authentication: dhchap with key_version: 1"],
      [
        "wants both ends to prove themselves",
        { authentication: "dhchap-bidirectional" },
        "authentication: dhchap-bidirectional with key_version: 1",
        "authentication: dhchap with key_version: 1",
      ],
    ])("is refused where it %s", (_, args, own, others) => {
      const wants = [asked("db01", { name: "wal", ...args })];
      expect(reasons(wants, { ...only, known: known() })).toEqual([
        `db01/wal: it asks for ${own} between db01 and flash01, and db01/data for ${others} (a target has one key for a host: all its volumes there say the same)`,
      ]);
    });

    test("takes the others along to a newer key, unless the same play says otherwise of them", () => {
      const newer = asked("db01", { name: "wal", authentication: "dhchap", key_version: 2 });
      placed([newer], { ...only, known: known() });
      const both = [asked("db01", { authentication: "dhchap" }), newer];
      expect(reasons(both, { ...only, known: known() })).toEqual([expect.stringContaining("db01/wal: it asks for")]);
    });

    test("is free to differ on another target, and for another initiator", () => {
      placed([asked("db02", {})], { ...only, known: known() });
      placed([asked("db01", { name: "wal" })], { exporters: [exporter("flash02")], known: known() });
    });
  });

  test("takes newer keys, and refuses older ones", () => {
    const known = made({ authentication: "dhchap", key_version: 2 });
    const [newer] = placed([asked("db01", { authentication: "dhchap", key_version: 3 })], { known });
    expect(newer?.keyVersion).toBe(3);
    // Version 3 was undone, and is in place nowhere.
    const [same] = placed([asked("db01", { authentication: "dhchap", key_version: 2 })], {
      known: newer === undefined ? [] : [newer],
    });
    expect(same?.keyVersion).toBe(2);
    expect(reasons([asked("db01", { authentication: "dhchap" })], { known })).toEqual([
      "db01/data: its key has version 2 by now, and 1 is asked for (keys go forward only: write key_version: 2, or a higher one for a new key)",
    ]);
  });
});
