import { expect, test } from "vitest";
import { observe } from "../../../../agent/observe/observe.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";

const root = "/sys/kernel/config/nvmet";
const key = "DHHC-1:00:c2VjcmV0:";
const target: FixtureTree = {
  [`${root}/discovery_nqn`]: "nqn.2014-08.org.nvmexpress.discovery\n",
  [`${root}/hosts/nqn.h/dhchap_key`]: `${key}\n`,
  [`${root}/hosts/nqn.h/dhchap_ctrl_key`]: "\n",
  [`${root}/hosts/nqn.h/dhchap_hash`]: "hmac(sha256)\n",
  [`${root}/hosts/nqn.h/dhchap_dhgroup`]: "null\n",
  [`${root}/hosts/nqn.plain`]: { directory: true },
  [`${root}/subsystems/nqn.a/attr_serial`]: "5eed                \n",
  [`${root}/subsystems/nqn.a/attr_allow_any_host`]: "0\n",
  [`${root}/subsystems/nqn.a/allowed_hosts/zzz`]: { link: "../../../../nvmet/hosts/nqn.h" },
  [`${root}/subsystems/nqn.a/passthru/enable`]: "0\n",
  [`${root}/subsystems/nqn.a/namespaces/10/device_path`]: "(null)\n",
  [`${root}/subsystems/nqn.a/namespaces/10/enable`]: "0\n",
  [`${root}/subsystems/nqn.a/namespaces/0x2/device_path`]: "/dev/nvme0n1 \n",
  [`${root}/subsystems/nqn.a/namespaces/0x2/enable`]: "1\n",
  [`${root}/subsystems/nqn.a/namespaces/0x2/revalidate_size`]: { errno: "EACCES" },
  [`${root}/ports/1/addr_trtype`]: "tcp\n",
  [`${root}/ports/1/addr_treq`]: "not specified\n",
  [`${root}/ports/1/param_inline_data_size`]: "16384\n",
  [`${root}/ports/1/subsystems/link-of-a`]: { link: "../../../../nvmet/subsystems/nqn.a" },
  [`${root}/ports/1/ana_groups/1/ana_state`]: "optimized\n",
  [`${root}/ports/1/ana_groups/2/ana_state`]: "inaccessible\n",
  [`${root}/ports/1/referrals/other/addr_traddr`]: "10.0.0.2\n",
  [`${root}/ports/1/referrals/other/enable`]: "1\n",
};

test("the whole tree, keys apart from what may be shown", async () => {
  const { nvmet } = await observe(fixtureSystem(target), ["nvmet"]);
  expect(nvmet).toMatchObject({
    present: true,
    hosts: [
      { nqn: "nqn.h", attributes: { dhchap_hash: "hmac(sha256)", dhchap_dhgroup: "null" } },
      { nqn: "nqn.plain", attributes: {}, keys: {} },
    ],
    subsystems: [
      {
        nqn: "nqn.a",
        attributes: { attr_serial: "5eed", attr_allow_any_host: "0" },
        allowedHosts: [{ link: "zzz", nqn: "nqn.h" }],
        namespaces: [
          { nsid: 2, directory: "0x2", attributes: { device_path: "/dev/nvme0n1 ", enable: "1" } },
          { nsid: 10, directory: "10", attributes: { device_path: "", enable: "0" } },
        ],
      },
    ],
    ports: [
      {
        id: 1,
        attributes: { addr_trtype: "tcp", addr_treq: "not specified", param_inline_data_size: "16384" },
        links: [{ link: "link-of-a", nqn: "nqn.a" }],
        anaGroups: [
          { id: 1, state: "optimized" },
          { id: 2, state: "inaccessible" },
        ],
        referrals: [{ name: "other", attributes: { addr_traddr: "10.0.0.2", enable: "1" } }],
      },
    ],
  });
});

test("a key that is set is a secret, one that is not is undefined, and neither is an attribute", async () => {
  const { nvmet } = await observe(fixtureSystem(target), ["nvmet"]);
  expect(nvmet.hosts[0]?.keys.dhchap_key?.reveal()).toBe(key);
  expect(Object.entries(nvmet.hosts[0]?.keys ?? {})).toContainEqual(["dhchap_ctrl_key", undefined]);
  expect(JSON.stringify(nvmet)).not.toContain("c2VjcmV0");
});

test("a write-only attribute is left out", async () => {
  const { nvmet } = await observe(fixtureSystem(target), ["nvmet"]);
  expect(nvmet.subsystems[0]?.namespaces[0]?.attributes).not.toHaveProperty("revalidate_size");
});

test("a namespace that goes while it is read is left out", async () => {
  const gone = `${root}/subsystems/nqn.a/namespaces/10`;
  const system = fixtureSystem(target, {
    before: (path, remove) => void (path === `${gone}/device_path` && remove(gone)),
  });
  const { nvmet } = await observe(system, ["nvmet"]);
  expect(nvmet.subsystems[0]?.namespaces.map(({ nsid }) => nsid)).toEqual([2]);
});

test("what cannot be read at all is an error, never an empty node", async () => {
  const system = fixtureSystem({ ...target, [`${root}/subsystems/nqn.a/attr_serial`]: { errno: "ETIMEDOUT" } });
  await expect(observe(system, ["nvmet"])).rejects.toMatchObject({ errno: "ETIMEDOUT" });
});

test("without nvmet it says so", async () => {
  const { nvmet } = await observe(fixtureSystem({}), ["nvmet"]);
  const names = { hosts: [], subsystems: [] };
  expect(nvmet).toEqual({ present: false, names, hosts: [], subsystems: [], ports: [] });
});
