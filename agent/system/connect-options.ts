import { Secret } from "../../shared/secret.ts";
import type { ConnectOptions } from "./system.ts";

/** The one line that /dev/nvme-fabrics takes (drivers/nvme/host/fabrics.c). The result may hold a secret. */
export function renderConnectOptions(options: ConnectOptions): string {
  return Object.entries(options)
    .map(([name, value]) => (value === true ? name : `${name}=${value instanceof Secret ? value.reveal() : value}`))
    .join(",");
}
