import { FlashfleetError } from "../../../shared/errors.ts";
import { largestBlock } from "../../../shared/nvme/block.ts";
import type { Leg } from "../../pairing/volume.ts";
import type { PairTask } from "./ends.ts";

/**
 * What a target says of its end, now that the initiator is connected: every order's report comes before its answer. Throws what
 * does not agree with what the initiator has.
 */
export function verifyTarget({ bench, volume }: PairTask, { target, ports, device }: Leg, size: number): void {
  if (bench.check) return;
  const exported = bench.fleet.find(target)?.report?.exports.find(({ nqn }) => nqn === volume.nqn);
  const refuse = (says: string, hint: string) =>
    new FlashfleetError("not_converging", `volume ${volume.volume}: ${target} ${says}`, { hint });
  if (exported === undefined)
    throw refuse(
      `does not export ${volume.nqn}`,
      `journalctl -u flashfleet-agent on ${target} says what its agent met`,
    );
  const namespace = exported.namespaces.find(({ nsid }) => nsid === volume.nsid);
  if (namespace?.enabled !== true || namespace.uuid !== volume.uuid)
    throw refuse(
      `has no enabled namespace ${volume.nsid} with uuid ${volume.uuid}`,
      "somebody else works on its configfs",
    );
  if (namespace.size !== undefined && Math.abs(namespace.size - size) >= largestBlock)
    throw refuse(
      `has ${device} with ${namespace.size} bytes, and the initiator sees ${size}`,
      "the device has changed its size: run the playbook again",
    );
  for (const { address, service_id } of ports) {
    const port = exported.ports.find((each) => each.address === address && each.serviceId === service_id);
    if (port?.listening !== true)
      throw refuse(`does not listen on ${address}:${service_id}`, "is the address on one of its interfaces?");
  }
}
