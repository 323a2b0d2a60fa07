import type { Volume } from "./volume.ts";

/** The name of a volume's disk on its initiators, which lasts over boots and reconnects. */
export function deviceOf({ uuid }: Pick<Volume, "uuid">): string {
  return `/dev/disk/by-id/nvme-uuid.${uuid}`;
}
