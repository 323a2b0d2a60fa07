import type { ModelSystem } from "../../../agent/system/model/model-system.ts";
import type { ManualClock } from "../../unit/agent/system/model/lab.ts";
import type { Machine } from "./machine.ts";

/** The first port that connections come from, of those that the model does not count. */
const ephemeral = 32768;

/** What programs do with commands of other projects, on a model. */
export function modelCommands(
  system: ModelSystem,
  clock: ManualClock,
): Pick<Machine, "mountDebugfs" | "addAddress" | "sockets" | "closeSockets" | "readDisk"> {
  const list = (connections: ReturnType<ModelSystem["connections"]>, before: string) =>
    connections.map(({ local, port, remote }, index) => `${before}0 0 ${local}:${port} ${remote}:${ephemeral + index}`);
  return {
    // Kernels whose distribution builds nvmet's part of it were not recorded.
    mountDebugfs: async () => {},
    addAddress: async (address, device) => {
      const [literal = "", prefix] = address.split("/");
      const mac = "00:00:00:00:00:00";
      await system
        .addAddress({ interface: device, address: literal, family: "ipv4", prefix: Number(prefix), mac })
        .catch(() => {});
    },
    sockets: async (port) => list(system.connections(port), "").join("\n"),
    closeSockets: async (from, port) => ({
      code: 0,
      text: list(system.closeConnections(from, port), "ESTAB ").join("\n"),
    }),
    readDisk: async (disk, seconds) => {
      let code: number | undefined;
      system.readBlocks(disk, 0, 4096).then(
        () => {
          code = 0;
        },
        () => {
          code = 1;
        },
      );
      await clock.advance(seconds * 1000);
      return code;
    },
  };
}
