import { FlashfleetError } from "../../../shared/errors.ts";
import { largestBlock } from "../../../shared/nvme/block.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { isJsonRecord, type Json, type JsonRecord } from "../../../shared/protocol/json.ts";
import type { Volume } from "../../pairing/volume.ts";
import { deviceOf } from "../../pairing/volume-device.ts";

/** A volume as its initiator has it. */
export interface Disk extends JsonRecord {
  device: string;
  uuid: string;
  /** Bytes. */
  size: number;
}

/** The disk of a connection's result. Throws `device_changed` where it is another one than the volume's, or smaller. */
export function diskOf(volume: Volume, initiator: NodeId, result: Json, isCheck: boolean): Disk {
  const { uuid, size } = isJsonRecord(result) ? result : {};
  const device = deviceOf(volume);
  const least = Math.max(volume.size, volume.asked ?? 0);
  // A check knows no disk that is not there yet.
  if (isCheck && typeof size !== "number") return { device, uuid: volume.uuid, size: least };
  const changed = (says: string, hint: string) =>
    new FlashfleetError("device_changed", `volume ${volume.volume}: ${says}`, { hint });
  if (uuid !== volume.uuid) {
    throw changed(
      `${initiator} got the disk ${String(uuid)}, not ${volume.uuid}`,
      "something else answers at that address: look at the target's exports",
    );
  }
  if (typeof size !== "number" || size + largestBlock <= least) {
    throw changed(
      `the disk on ${initiator} has ${String(size)} bytes, not ${least}`,
      "a file or logical volume must have the size first that the play asks for; look at it on the target",
    );
  }
  return { device, uuid, size };
}
