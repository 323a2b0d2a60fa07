import { describe, expect, test } from "vitest";
import { everything, type Focus, joinFocus, nothing } from "../../../../agent/observe/focus.ts";
import { observe } from "../../../../agent/observe/observe.ts";
import type { Section } from "../../../../agent/observe/observed.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";
import { localNvme } from "./block-tree.ts";

const nvmet = "/sys/kernel/config/nvmet";
const ctl = "/sys/devices/virtual/nvme-fabrics/ctl";

const exported = (nqn: string, device: string): FixtureTree => ({
  [`${nvmet}/subsystems/${nqn}/attr_allow_any_host`]: "1\n",
  [`${nvmet}/subsystems/${nqn}/attr_serial`]: "5eed\n",
  [`${nvmet}/subsystems/${nqn}/attr_version`]: "1.3\n",
  [`${nvmet}/subsystems/${nqn}/namespaces/1/device_path`]: `${device}\n`,
  [`${nvmet}/subsystems/${nqn}/namespaces/1/enable`]: "1\n",
});

const connected = (index: number, nqn: string): FixtureTree => ({
  [`/sys/class/nvme-subsystem/nvme-subsys${index}`]: {
    link: `../../devices/virtual/nvme-subsystem/nvme-subsys${index}`,
  },
  [`/sys/devices/virtual/nvme-subsystem/nvme-subsys${index}/subsysnqn`]: `${nqn}\n`,
  [`/sys/devices/virtual/nvme-subsystem/nvme-subsys${index}/nvme${index}`]: {
    link: `../../nvme-fabrics/ctl/nvme${index}`,
  },
  [`/sys/class/nvme/nvme${index}`]: { link: `../../devices/virtual/nvme-fabrics/ctl/nvme${index}` },
  [`${ctl}/nvme${index}/state`]: "live\n",
  [`${ctl}/nvme${index}/transport`]: "tcp\n",
  [`${ctl}/nvme${index}/subsysnqn`]: `${nqn}\n`,
  [`${ctl}/nvme${index}/kato`]: "5\n",
  [`${ctl}/nvme${index}/dhchap_secret`]: "DHHC-1:00:dGVzdA==:\n",
});

const tree: FixtureTree = {
  ...localNvme,
  "/dev/disk/by-id/nvme-one": { link: "../../nvme0n1" },
  "/dev/disk/by-id/nvme-two": { link: "../../nvme0n1" },
  "/dev/disk/by-id/nvme-three": { link: "../../nvme0n1" },
  ...exported("nqn.a", "/dev/disk/by-id/nvme-two"),
  ...exported("nqn.b", "/dev/sdz"),
  [`${nvmet}/hosts/nqn.h/dhchap_key`]: "\n",
  [`${nvmet}/ports/1/addr_trtype`]: "tcp\n",
  ...connected(1, "nqn.x"),
  ...connected(2, "nqn.y"),
};

/** What is seen with a focus, and every path that was asked for. */
async function look(sections: readonly Section[], focus: Partial<Focus>) {
  const asked: string[] = [];
  const system = fixtureSystem(tree, { before: (path) => void asked.push(path) });
  return { seen: await observe(system, sections, { ...nothing, ...focus }), asked };
}

describe("an observation with a focus", () => {
  test("reads of other exports and hosts no more than their names", async () => {
    const { seen, asked } = await look(["nvmet"], { subsystems: new Set(["nqn.a"]), attributes: "settable" });
    expect(seen.nvmet.names).toEqual({ hosts: ["nqn.h"], subsystems: ["nqn.a", "nqn.b"] });
    expect(seen.nvmet.subsystems).toMatchObject([{ nqn: "nqn.a", attributes: { attr_serial: "5eed" } }]);
    expect(seen.nvmet.hosts).toEqual([]);
    expect(asked.filter((path) => /nqn\.(b|h)/.test(path))).toEqual([]);
  });

  test("reads of a connection that it is not about no more than its name", async () => {
    const { seen, asked } = await look(["fabrics"], { connections: new Set(["nqn.y"]) });
    expect(seen.fabrics.subsystems.map(({ nqn }) => nqn)).toEqual(["nqn.y"]);
    expect(asked.filter((path) => path.startsWith("/sys/class/nvme/nvme1/"))).toEqual([]);
  });

  test("follows the links that it is about, and those that namespaces name", async () => {
    const links = new Set(["/dev/disk/by-id/nvme-one", "/dev/disk/by-id/gone", "/dev/nvme0n1"]);
    const { seen, asked } = await look(["nvmet", "drives"], { subsystems: "all", links });
    expect(seen.drives[0]?.byId).toEqual(["/dev/disk/by-id/nvme-one", "/dev/disk/by-id/nvme-two"]);
    expect(asked).not.toContain("/dev/disk/by-id/nvme-three");
  });

  test.each<[Focus["attributes"], readonly string[], readonly string[]]>([
    ["reported", ["attr_allow_any_host"], []],
    ["settable", ["attr_allow_any_host", "attr_serial"], ["dhchap_secret"]],
    ["every", ["attr_allow_any_host", "attr_serial", "attr_version"], ["dhchap_secret", "kato"]],
  ])("reads attributes as far as they are %s", async (attributes, ofSubsystem, ofController) => {
    const { seen } = await look(["nvmet", "fabrics"], { subsystems: "all", connections: "all", attributes });
    expect(Object.keys(seen.nvmet.subsystems[0]?.attributes ?? {}).sort()).toEqual(ofSubsystem);
    const controller = seen.fabrics.subsystems[0]?.controllers[0];
    const names = [...Object.keys(controller?.attributes ?? {}), ...Object.keys(controller?.keys ?? {})];
    expect(names.sort()).toEqual(ofController);
  });

  test("leaves out what goes between its name and its attributes", async () => {
    const gone = `${nvmet}/subsystems/nqn.a`;
    const system = fixtureSystem(tree, {
      before: (path, remove) => void (path === `${gone}/attr_allow_any_host` && remove(gone)),
    });
    const { nvmet: seen } = await observe(system, ["nvmet"], { ...everything, attributes: "reported" });
    expect(seen.subsystems.map(({ nqn }) => nqn)).toEqual(["nqn.b"]);
  });
});

test("two focuses together choose what either does, in the detail that the closer one asks for", () => {
  const one: Focus = { ...nothing, hosts: new Set(["h"]), subsystems: new Set(["a"]), attributes: "settable" };
  const both = joinFocus(one, { subsystems: new Set(["b"]), connections: "all", attributes: "reported" });
  expect(both).toEqual({
    ...nothing,
    hosts: new Set(["h"]),
    subsystems: new Set(["a", "b"]),
    connections: "all",
    attributes: "settable",
  });
});
