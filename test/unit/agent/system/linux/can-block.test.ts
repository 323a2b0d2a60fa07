import { expect, test } from "vitest";
import { canBlock } from "../../../../../agent/system/linux/can-block.ts";
import type { Op } from "../../../../../agent/system/system.ts";

const nvmet = "/sys/kernel/config/nvmet";
const write = (path: string): Op => ({ op: "write", path, value: "1" });

test.each<[string, Op, boolean]>([
  ["enabling or disabling a namespace", write(`${nvmet}/subsystems/nqn.a/namespaces/1/enable`), true],
  ["enabling a passed-through controller", write(`${nvmet}/subsystems/nqn.a/passthru/enable`), true],
  ["reading a device's size again", write(`${nvmet}/subsystems/nqn.a/namespaces/1/revalidate_size`), true],
  ["deleting a controller", write("/sys/class/nvme/nvme0/delete_controller"), true],
  ["resetting a controller", write("/sys/devices/virtual/nvme-fabrics/ctl/nvme12/reset_controller"), true],
  ["giving a controller another key", write("/sys/class/nvme/nvme0/dhchap_secret"), true],
  ["removing below configfs", { op: "rmdir", path: `${nvmet}/subsystems/nqn.a` }, true],
  ["connecting", { op: "connect", options: {} }, true],
  ["loading a module", { op: "modprobe", name: "nvmet", parameters: {} }, true],
  ["an attribute of a port", write(`${nvmet}/ports/1/addr_traddr`), false],
  ["a namespace's path", write(`${nvmet}/subsystems/nqn.a/namespaces/1/device_path`), false],
  ["enabling a referral", write(`${nvmet}/ports/1/referrals/x/enable`), false],
  ["a timeout of a controller", write("/sys/class/nvme/nvme0/ctrl_loss_tmo"), false],
  ["removing an ordinary folder", { op: "rmdir", path: "/var/lib/x" }, false],
  ["linking", { op: "symlink", path: `${nvmet}/ports/1/subsystems/nqn.a`, to: `${nvmet}/subsystems/nqn.a` }, false],
])("%s", (_case, op, expected) => {
  expect(canBlock(op)).toBe(expected);
});
