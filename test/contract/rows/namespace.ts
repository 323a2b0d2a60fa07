import type { Row } from "../row.ts";
import { mkdir, read, rmdir, values, write } from "./acts.ts";
import { drive, enabled, N, namespace, otherDrive, readOnlyDrive, S, subsystem, withDevice } from "./states.ts";

const at = (name: string) => `${N}/${name}`;
const backedBy = (path: string) => [...namespace, write(at("device_path"), path)];
const enable = write(at("enable"), "1");
/** On a tmpfs. */
const file = "/run/contract/backing";
const withFile = [{ act: "replace", path: file, content: "x".repeat(8192) }, ...backedBy(file)] as const;
const off = { [at("enable")]: "0" };
const on = { [at("enable")]: "1" };

/** Namespaces: what can be enabled, and what an enabled one refuses (drivers/nvme/target/configfs.c, core.c). */
export const namespaceRows: readonly Row[] = [
  ...["0", "4294967295", "x", "-1", "1 "].map(
    (name): Row => ({
      says: `a namespace ${JSON.stringify(name)}`,
      given: subsystem,
      when: mkdir(`${S}/namespaces/${name}`),
      gives: "EINVAL",
    }),
  ),
  {
    says: "a namespace id of more than 32 bits",
    given: subsystem,
    when: mkdir(`${S}/namespaces/4294967296`),
    gives: "ERANGE",
  },
  { says: "the last namespace id", given: subsystem, when: mkdir(`${S}/namespaces/4294967294`), gives: "ok" },
  {
    says: "one id in two spellings",
    given: [...subsystem, mkdir(`${S}/namespaces/5`)],
    when: mkdir(`${S}/namespaces/05`),
    gives: "ok",
    shows: { [`${S}/namespaces`]: "05 5" },
    until: "6.14",
  },
  {
    says: "a fresh namespace",
    given: subsystem,
    when: mkdir(N),
    gives: "ok",
    shows: {
      [N]: "ana_grpid buffered_io device_nguid device_path device_uuid enable revalidate_size",
      [at("device_path")]: "(null)",
      [at("device_nguid")]: "00000000-0000-0000-0000-000000000000",
      [at("enable")]: "0",
      [at("ana_grpid")]: "1",
      [at("buffered_io")]: "0",
    },
    until: "6.14",
  },
  {
    says: "no reservations before 6.14",
    given: namespace,
    when: read(at("resv_enable")),
    gives: "ENOENT",
    until: "6.14",
  },
  ...values(namespace, at("device_path"), [
    [`${drive}\n`, "ok", drive],
    ["/tmp/no such \n", "ok", "/tmp/no such "],
    ["\n", "EINVAL", "(null)"],
  ]),
  { says: "enable without a device", given: namespace, when: enable, gives: "EINVAL", shows: off },
  { says: "enable a device that is missing", given: backedBy("/dev/nope"), when: enable, gives: "ENOENT", shows: off },
  { says: "enable a directory", given: backedBy("/tmp"), when: enable, gives: "EISDIR", shows: off },
  { says: "enable /dev/null", given: backedBy("/dev/null"), when: enable, gives: "EINVAL", shows: off },
  { says: "enable a read-only device", given: backedBy(readOnlyDrive), when: enable, gives: "EACCES", shows: off },
  {
    says: "enable a device",
    given: withDevice,
    when: enable,
    gives: "ok",
    shows: { ...on, [at("device_path")]: drive },
  },
  {
    says: "enable with buffered I/O",
    given: [...withDevice, write(at("buffered_io"), "1")],
    when: enable,
    gives: "ok",
    shows: on,
  },
  {
    says: "enable a file on a tmpfs without O_DIRECT",
    given: withFile,
    when: enable,
    gives: "EINVAL",
    shows: off,
    until: "6.6",
  },
  { says: "enable a file on a tmpfs", given: withFile, when: enable, gives: "ok", shows: on, since: "6.8" },
  {
    says: "enable a file with buffered I/O",
    given: [...withFile, write(at("buffered_io"), "1")],
    when: enable,
    gives: "ok",
    shows: on,
  },
  { says: "enable again", given: enabled, when: enable, gives: "ok", shows: on },
  { says: "enable with y", given: withDevice, when: write(at("enable"), "y"), gives: "ok", shows: on },
  { says: "enable with x", given: withDevice, when: write(at("enable"), "x"), gives: "EINVAL", shows: off },
  { says: "disable", given: enabled, when: write(at("enable"), "0"), gives: "ok", shows: off },
  { says: "disable what is disabled", given: namespace, when: write(at("enable"), "0"), gives: "ok", shows: off },
  {
    says: "enable another device after disabling",
    given: [...enabled, write(at("enable"), "0"), write(at("device_path"), otherDrive)],
    when: enable,
    gives: "ok",
    shows: { [at("device_path")]: otherDrive },
  },
  {
    says: "one device in two namespaces",
    given: [...enabled, mkdir(`${S}/namespaces/2`), write(`${S}/namespaces/2/device_path`, drive)],
    when: write(`${S}/namespaces/2/enable`, "1"),
    gives: "ok",
  },
  {
    says: "two enabled namespaces of one id",
    given: [...enabled, mkdir(`${S}/namespaces/01`), write(`${S}/namespaces/01/device_path`, otherDrive)],
    when: write(`${S}/namespaces/01/enable`, "1"),
    gives: "EBUSY",
    since: "5.10",
    until: "6.14",
  },
  {
    says: "an enabled device may be opened by itself: nvmet does not claim it",
    given: enabled,
    when: { act: "openExclusive", path: drive },
    gives: "ok",
  },
  {
    says: "device_path while enabled",
    given: enabled,
    when: write(at("device_path"), otherDrive),
    gives: "EBUSY",
    shows: { [at("device_path")]: drive },
  },
  { says: "the same device_path while enabled", given: enabled, when: write(at("device_path"), drive), gives: "EBUSY" },
  {
    says: "device_uuid while enabled",
    given: enabled,
    when: write(at("device_uuid"), "11111111-1111-1111-1111-111111111111"),
    gives: "EBUSY",
  },
  {
    says: "device_nguid while enabled",
    given: enabled,
    when: write(at("device_nguid"), "11111111-1111-1111-1111-111111111111"),
    gives: "EBUSY",
  },
  { says: "buffered_io while enabled", given: enabled, when: write(at("buffered_io"), "1"), gives: "EINVAL" },
  {
    says: "ana_grpid while enabled",
    given: enabled,
    when: write(at("ana_grpid"), "2"),
    gives: "ok",
    shows: { [at("ana_grpid")]: "2" },
  },
  {
    says: "revalidate_size of an enabled namespace",
    given: enabled,
    when: write(at("revalidate_size"), "1"),
    gives: "ok",
  },
  {
    says: "revalidate_size of a disabled namespace",
    given: withDevice,
    when: write(at("revalidate_size"), "1"),
    gives: "EINVAL",
  },
  { says: "revalidate_size takes only true", given: enabled, when: write(at("revalidate_size"), "0"), gives: "EINVAL" },
  { says: "revalidate_size is not read", given: namespace, when: read(at("revalidate_size")), gives: "EACCES" },
  ...values(namespace, at("device_uuid"), [
    ["AAAAAAAA-2222-3333-4444-555555555555", "ok", "aaaaaaaa-2222-3333-4444-555555555555"],
    ["aaaaaaaa-2222-3333-4444-555555555555 and more", "ok", "aaaaaaaa-2222-3333-4444-555555555555"],
    ["11111111222233334444555555555555", "EINVAL"],
    ["{11111111-2222-3333-4444-555555555555}", "EINVAL"],
  ]),
  ...values(namespace, at("device_nguid"), [
    ["11111111222233334444555555555555", "ok", "11111111-2222-3333-4444-555555555555"],
    ["11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:aa", "ok", "11111111-2222-3333-4444-5555555555aa"],
    ["1111", "EINVAL", "00000000-0000-0000-0000-000000000000"],
  ]),
  ...values(namespace, at("ana_grpid"), [
    ["0x10\n", "ok", "16"],
    ["127", "ok", "127"],
    ["0", "EINVAL", "1"],
    ["129", "EINVAL", "1"],
    ["-1", "EINVAL", "1"],
  ]),
  ...values(namespace, at("ana_grpid"), [["128", "ok", "0"]], { since: "6.1" }),
  {
    says: "an enabled namespace is removed",
    given: enabled,
    when: rmdir(N),
    gives: "ok",
    shows: { [`${S}/namespaces`]: "" },
  },
];
