import type { Op } from "../system.ts";

const configfs = "/sys/kernel/config/";

/**
 * Attributes whose write waits for I/O or for the other end: enabling opens the device, disabling waits for its I/O in flight
 * (target/core.c); deleting and resetting a controller, and giving it another key, talk to the target (host/sysfs.c).
 */
const waits = [
  /^\/sys\/kernel\/config\/nvmet\/subsystems\/[^/]+\/namespaces\/[^/]+\/(enable|revalidate_size)$/,
  /^\/sys\/kernel\/config\/nvmet\/subsystems\/[^/]+\/passthru\/enable$/,
  /\/nvme\d+\/(delete_controller|reset_controller|dhchap_secret|dhchap_ctrl_secret)$/,
];

/** Whether an op can hang in the kernel, so that it belongs into a child which can be left behind. */
export function canBlock(op: Op): boolean {
  switch (op.op) {
    case "connect":
    case "modprobe":
    case "unloadModule":
    case "mountConfigfs":
      return true;
    case "rmdir":
      return op.path.startsWith(configfs);
    case "write":
      return waits.some((pattern) => pattern.test(op.path));
    case "mkdir":
    case "unlink":
    case "symlink":
    case "replace":
    case "chmod":
    case "chown":
    case "touch":
    case "rename":
      return false;
  }
}
