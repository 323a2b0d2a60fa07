import { expect, test } from "vitest";
import { parseRdmaSessions } from "../../../../agent/observe/rdma-sessions.ts";

/** What iproute2 6.1 printed on Linux 6.12, with soft RoCE. */
const shown = `[{"ifindex":0,"ifname":"rxe0","port":1,"cm-idn":0,"state":"LISTEN","ps":"TCP","comm":"nvmet_rdma","src-addr":"192.168.77.1:4420","dst-addr":"0.0.0.0:0"},
{"ifindex":0,"ifname":"rxe0","port":1,"cm-idn":1,"lqpn":17,"qp-type":"RC","state":"CONNECT","ps":"TCP","comm":"nvmet_rdma","src-addr":"192.168.77.1:4420","dst-addr":"192.168.77.2:37592"}]`;

test("a connection over RDMA has two ends; a listener is none", () => {
  expect(parseRdmaSessions(shown)).toEqual([
    { local: { address: "192.168.77.1", port: 4420 }, peer: { address: "192.168.77.2", port: 37592 } },
  ]);
});

test("an address of IPv6 is taken with brackets and without", () => {
  const ids = [{ state: "CONNECT", "src-addr": "FE80::1:4420", "dst-addr": "[fe80::2]:37592" }];
  expect(parseRdmaSessions(JSON.stringify(ids))).toEqual([
    { local: { address: "fe80::1", port: 4420 }, peer: { address: "fe80::2", port: 37592 } },
  ]);
});

test("without a device nobody is connected", () => {
  expect(parseRdmaSessions("")).toEqual([]);
  expect(parseRdmaSessions("[ ]\n")).toEqual([]);
});

test("what cannot be understood tells nothing", () => {
  expect(parseRdmaSessions("error: no such command")).toBeUndefined();
  expect(parseRdmaSessions('{"cm_id": 3}')).toBeUndefined();
});
