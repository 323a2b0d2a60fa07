import { expect, it } from "vitest";
import { orphans, parseProcModules } from "../../../../../agent/system/linux/programs.ts";

const before = parseProcModules(`nvme_tcp 86016 0 - Live 0x0000000000000000
nvme_fabrics 40960 1 nvme_tcp, Live 0x0000000000000000
nvme_keyring 16384 2 nvme_tcp,nvme_fabrics, Live 0x0000000000000000
nvme_auth 24576 1 nvme_core, Live 0x0000000000000000
nvme_core 221184 3 nvme_tcp,nvme,nvme_fabrics, Live 0x0000000000000000
nvme 57344 0 - Live 0x0000000000000000
configfs 69632 2 nvme_tcp, Live 0x0000000000000000
tls 143360 0 [permanent], Live 0x0000000000000000
`);

it.each([
  {
    what: "what modprobe -r leaves of a chain",
    after: "nvme_keyring 16384 0 - Live 0x0\nnvme_core 221184 1 nvme, Live 0x0\nnvme 57344 0 - Live 0x0\n",
    left: ["nvme_keyring"],
  },
  { what: "nothing that is used otherwise: configfs is mounted", after: "configfs 69632 1 - Live 0x0\n", left: [] },
  {
    what: "nothing while its user is there",
    after: "nvme_keyring 16384 0 - Live 0x0\nnvme_tcp 1 0 - Live 0x0\n",
    left: [],
  },
  { what: "nothing that stood for itself before", after: "nvme 57344 0 - Live 0x0\n", left: [] },
])("orphans are $what", ({ after, left }) => {
  expect(orphans(before, parseProcModules(after))).toEqual(left);
});

it("reads uses and users", () => {
  expect(before.get("nvme_keyring")).toEqual({ uses: 2, users: ["nvme_tcp", "nvme_fabrics"] });
  expect(before.get("tls")).toEqual({ uses: 0, users: [] });
});
