import { expect, test } from "vitest";
import { observe } from "../../../../agent/observe/observe.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";

// Texts as Linux 6.12 gave them in the lab.
const options =
  "instance=-1,cntlid=-1,transport=%s,traddr=%s,trsvcid=%s,nqn=%s,queue_size=%d,ctrl_loss_tmo=%d,hostnqn=%s,dhchap_secret=%s,tls\n";
const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
const ctl = "/sys/devices/virtual/nvme-fabrics/ctl";
const subsys = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0";

const controller = (name: string, cntlid: string, address: string): FixtureTree => ({
  [`/sys/class/nvme/${name}`]: { link: `../../devices/virtual/nvme-fabrics/ctl/${name}` },
  [`${ctl}/${name}/address`]: `${address}\n`,
  [`${ctl}/${name}/cntlid`]: `${cntlid}\n`,
  [`${ctl}/${name}/ctrl_loss_tmo`]: "600\n",
  [`${ctl}/${name}/delete_controller`]: { errno: "EACCES" },
  [`${ctl}/${name}/dhchap_secret`]: "DHHC-1:00:dGVzdA==:\n",
  [`${ctl}/${name}/dhchap_ctrl_secret`]: "none\n",
  [`${ctl}/${name}/fast_io_fail_tmo`]: "off\n",
  [`${ctl}/${name}/hostid`]: "11111111-2222-3333-4444-555555555555\n",
  [`${ctl}/${name}/hostnqn`]: `${hostnqn}\n`,
  [`${ctl}/${name}/kato`]: "5\n",
  [`${ctl}/${name}/model`]: "Linux                                   \n",
  [`${ctl}/${name}/state`]: "live\n",
  [`${ctl}/${name}/subsysnqn`]: "nqn.2024-01.io.x:a\n",
  [`${ctl}/${name}/transport`]: "tcp\n",
});

const subsystem: FixtureTree = {
  "/sys/class/nvme-subsystem/nvme-subsys0": { link: "../../devices/virtual/nvme-subsystem/nvme-subsys0" },
  [`${subsys}/iopolicy`]: "numa\n",
  [`${subsys}/subsysnqn`]: "nqn.2024-01.io.x:a\n",
  [`${subsys}/subsystype`]: "nvm\n",
  [`${subsys}/nvme0`]: { link: "../../nvme-fabrics/ctl/nvme0" },
  [`${subsys}/nvme1`]: { link: "../../nvme-fabrics/ctl/nvme1" },
  [`${subsys}/ng0n1/dev`]: "243:0\n",
};

const head = (name: string, nsid: string): FixtureTree => ({
  [`${subsys}/${name}/nsid`]: `${nsid}\n`,
  [`${subsys}/${name}/uuid`]: `${uuid}\n`,
  [`${subsys}/${name}/wwid`]: `uuid.${uuid}\n`,
  [`${subsys}/${name}/size`]: "32768\n",
  [`${subsys}/${name}/ro`]: "0\n",
  // Reading it sends a command to the controller: it must stay unread.
  [`${subsys}/${name}/nuse`]: { errno: "ETIMEDOUT" },
});

const path = (name: string, disk: string, state: string): FixtureTree => ({
  [`${ctl}/${name}/${disk}/nsid`]: "1\n",
  [`${ctl}/${name}/${disk}/ana_state`]: `${state}\n`,
  [`${ctl}/${name}/${disk}/ana_grpid`]: "1\n",
  [`${ctl}/${name}/${disk}/hidden`]: "1\n",
});

const twoPaths: FixtureTree = {
  "/dev/nvme-fabrics": { device: "char", text: options },
  ...subsystem,
  ...controller("nvme0", "1", "traddr=127.0.0.1,trsvcid=4420,src_addr=127.0.0.1"),
  ...controller("nvme1", "2", "traddr=127.0.0.2,trsvcid=4420,host_traddr=127.0.0.9"),
  ...head("nvme0n2", "1"),
  ...path("nvme0", "nvme0c0n2", "optimized"),
  ...path("nvme1", "nvme0c1n2", "inaccessible"),
};

test("a subsystem over two paths has one disk, with the ANA state of each path", async () => {
  const { fabrics } = await observe(fixtureSystem(twoPaths), ["fabrics"]);
  expect(fabrics.present).toBe(true);
  expect(fabrics.options.has("dhchap_secret")).toBe(true);
  expect(fabrics.subsystems).toMatchObject([
    {
      name: "nvme-subsys0",
      nqn: "nqn.2024-01.io.x:a",
      iopolicy: "numa",
      controllers: [
        {
          name: "nvme0",
          state: "live",
          transport: "tcp",
          address: "127.0.0.1",
          serviceId: "4420",
          cntlid: "1",
          hostnqn,
        },
        {
          name: "nvme1",
          hostAddress: "127.0.0.9",
          attributes: { ctrl_loss_tmo: "600", fast_io_fail_tmo: "off", model: "Linux" },
        },
      ],
      namespaces: [
        {
          name: "nvme0n2",
          path: "/dev/nvme0n2",
          nsid: 1,
          uuid,
          nguid: "",
          size: 32768 * 512,
          readOnly: false,
          paths: [
            { controller: "nvme0", anaState: "optimized", anaGroup: "1" },
            { controller: "nvme1", anaState: "inaccessible", anaGroup: "1" },
          ],
        },
      ],
    },
  ]);
});

test("a key is seen and never shown", async () => {
  const { fabrics } = await observe(fixtureSystem(twoPaths), ["fabrics"]);
  const keys = fabrics.subsystems[0]?.controllers[0]?.keys;
  expect(keys?.dhchap_secret?.reveal()).toBe("DHHC-1:00:dGVzdA==:");
  expect(keys).toHaveProperty("dhchap_ctrl_secret", undefined);
  expect(JSON.stringify(fabrics)).not.toContain("dGVzdA");
});

test("without multipath each controller has a disk of its own", async () => {
  const { fabrics } = await observe(
    fixtureSystem({
      ...subsystem,
      [`${subsys}/iopolicy`]: { errno: "ENOENT" },
      ...controller("nvme0", "1", "traddr=127.0.0.1,trsvcid=4420"),
      [`${ctl}/nvme0/nvme0n1/nsid`]: "1\n",
      [`${ctl}/nvme0/nvme0n1/size`]: "8\n",
      [`${ctl}/nvme0/nvme0n1/ana_state`]: "optimized\n",
    }),
    ["fabrics"],
  );
  expect(fabrics.subsystems).toMatchObject([
    {
      iopolicy: undefined,
      namespaces: [
        {
          name: "nvme0n1",
          size: 4096,
          uuid: "",
          paths: [{ controller: "nvme0", anaState: "optimized", anaGroup: "" }],
        },
      ],
    },
  ]);
});

test("a local drive is no fabrics subsystem", async () => {
  const { fabrics } = await observe(
    fixtureSystem({ ...twoPaths, [`${ctl}/nvme0/transport`]: "pcie\n", [`${ctl}/nvme1/transport`]: "pcie\n" }),
    ["fabrics"],
  );
  expect(fabrics.subsystems).toEqual([]);
});

test("a controller that was never live stands in a subsystem without a name", async () => {
  const { fabrics } = await observe(
    fixtureSystem({
      ...controller("nvme3", "", "traddr=127.0.0.1,trsvcid=4420"),
      [`${ctl}/nvme3/state`]: "connecting\n",
    }),
    ["fabrics"],
  );
  expect(fabrics.subsystems).toMatchObject([
    { name: "", nqn: "nqn.2024-01.io.x:a", controllers: [{ name: "nvme3", state: "connecting" }], namespaces: [] },
  ]);
});

test("a controller that goes while it is read is left out", async () => {
  const system = fixtureSystem(twoPaths, {
    before: (asked, remove) => {
      if (asked === "/sys/class/nvme/nvme1/state") remove(`${ctl}/nvme1`);
    },
  });
  const { fabrics } = await observe(system, ["fabrics"]);
  expect(fabrics.subsystems[0]?.controllers.map(({ name }) => name)).toEqual(["nvme0"]);
});

test("a disk that outlived all its controllers is still seen", async () => {
  const { fabrics } = await observe(
    fixtureSystem({
      "/sys/class/nvme-subsystem/nvme-subsys0": { link: "../../devices/virtual/nvme-subsystem/nvme-subsys0" },
      [`${subsys}/subsysnqn`]: "nqn.2024-01.io.x:a\n",
      ...head("nvme0n1", "1"),
    }),
    ["fabrics"],
  );
  expect(fabrics.subsystems).toMatchObject([{ controllers: [], namespaces: [{ name: "nvme0n1", paths: [] }] }]);
});

test("a kernel without NVMe over Fabrics has nothing, and no error", async () => {
  const { fabrics } = await observe(fixtureSystem({}), ["fabrics"]);
  expect(fabrics).toEqual({ present: false, options: new Set(), subsystems: [] });
});

test("a kernel before 5.19 that does not tell its options has none", async () => {
  const { fabrics } = await observe(fixtureSystem({ "/dev/nvme-fabrics": { device: "char" } }), ["fabrics"]);
  expect(fabrics).toMatchObject({ present: true, options: new Set() });
});
