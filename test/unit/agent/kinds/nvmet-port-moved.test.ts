import { expect, test } from "vitest";
import { agentNode } from "../../../support/agent-node.ts";

const port = (service_id: string, more: object = {}) => ({
  nvmet_port: { id: 1, address: "10.0.0.1", service_id, ...more },
});

test("a port that is declared elsewhere keeps its address until it is removed: one id never has two addresses", async () => {
  const node = agentNode();
  await node.converge([{ kernel_module: { name: ["nvmet", "nvmet-tcp"] } }]);
  expect((await node.converge([port("4420")])).outcome).toBe("changed");

  const moved = await node.converge([port("4421")]);
  expect(moved.outcome).toBe("refused");
  expect(moved.error?.message).toBe("cannot put port 1 on tcp 10.0.0.1:4421: it is declared on tcp 10.0.0.1:4420");
  expect(await node.system.read("/sys/kernel/config/nvmet/ports/1/addr_trsvcid")).toBe("4420\n");

  expect((await node.converge([port("4420", { state: "absent" })])).outcome).toBe("changed");
  expect((await node.converge([port("4421")])).outcome).toBe("changed");
  expect(await node.system.read("/sys/kernel/config/nvmet/ports/1/addr_trsvcid")).toBe("4421\n");
});
