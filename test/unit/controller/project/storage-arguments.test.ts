import { expect, test } from "vitest";
import { checkArguments } from "../../../../controller/project/check-arguments.ts";
import type { Json } from "../../../../controller/template/value.ts";

test.each<["filesystem" | "mount" | "reboot", Json, string[]]>([
  ["mount", { path: "/data", state: "mounted" }, ["'src' is missing", "'fstype' is missing"]],
  ["mount", { src: "/dev/sda", fstype: "xfs", state: "present" }, ["'path' is missing"]],
  ["mount", { path: "/a", name: "/b", state: "unmounted" }, ["'name' is wrong: path and name are one argument"]],
  ["mount", { path: "data", state: "unmounted" }, ["'path' is wrong: a path on a node begins with /"]],
  ["mount", { path: "/data", state: "gone" }, ["'state' must be mounted, unmounted"]],
  ["mount", { path: "/data", state: "remounted", opts: "ro, noexec" }, ["'opts' is wrong: it has no spaces"]],
  ["filesystem", { fstype: "ext4" }, ["'dev' is missing"]],
  ["filesystem", { dev: "/dev/sda" }, ["'fstype' is missing"]],
  ["filesystem", { dev: "/dev/sda", fstype: "zfs" }, ["'fstype' must be btrfs, ext2"]],
  ["filesystem", { dev: "/a", device: "/b", fstype: "xfs" }, ["'device' is wrong: dev and device are one argument"]],
  [
    "filesystem",
    { dev: "/a", fstype: "xfs", resizefs: true, uuid: "01234567-89ab-cdef-0123-456789abcdef" },
    ["'uuid' is wrong: uuid and resizefs exclude each other"],
  ],
  ["filesystem", { dev: "/a", fstype: "xfs", uuid: "random" }, ["'uuid' is wrong: a UUID looks like"]],
  ["reboot", { reboot_timeout: "soon" }, ["'reboot_timeout' must be a number"]],
])("%s with %j is refused before a run", (module, args, messages) => {
  const checked = checkArguments(module, args);
  const told = checked.ok ? [] : checked.issues.map(({ message }) => message);
  expect(told).toEqual(messages.map((message) => expect.stringContaining(message)));
});

test.each<["filesystem" | "mount" | "reboot", Json]>([
  ["mount", { name: "/data", src: "/dev/sda", fstype: "xfs", state: "mounted", dump: 0, passno: 2, boot: "no" }],
  ["mount", { path: "none", src: "/dev/sda", fstype: "swap", opts: "sw", state: "present" }],
  ["mount", { path: "/data", state: "absent" }],
  ["filesystem", { device: "/dev/sda", type: "xfs", force: "yes" }],
  ["filesystem", { dev: "/dev/sda", state: "absent" }],
  ["reboot", { reboot_timeout: "300", connect_timeout: 5, msg: "bye", search_paths: ["/sbin"] }],
  ["reboot", {}],
])("%s with %j is as in Ansible", (module, args) => {
  expect(checkArguments(module, args)).toMatchObject({ ok: true });
});
