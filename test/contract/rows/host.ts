import type { Row } from "../row.ts";
import { mkdir, read, rmdir, values, write } from "./acts.ts";
import { H, host, hosts, key } from "./states.ts";

const made = [mkdir(H)];
const built = { needs: "auth" } as const;

/** Hosts and their keys (drivers/nvme/target/configfs.c, auth.c). */
export const hostRows: readonly Row[] = [
  { says: "a host", when: mkdir(H), gives: "ok", shows: { hosts: host } },
  { says: "a host is made once", given: made, when: mkdir(H), gives: "EEXIST" },
  { says: "a host's name need not be an NQN", when: mkdir("hosts/any thing"), gives: "ok" },
  {
    says: "a host that is allowed nowhere is removed",
    given: hosts,
    when: rmdir(H),
    gives: "ok",
    shows: { [H]: "ENOENT" },
  },
  {
    says: "no keys where authentication is not built",
    given: made,
    when: read(`${H}/dhchap_key`),
    gives: "ENOENT",
    lacks: "auth",
  },
  {
    says: "a host without keys",
    when: mkdir(H),
    gives: "ok",
    shows: {
      [H]: "dhchap_ctrl_key dhchap_dhgroup dhchap_hash dhchap_key",
      [`${H}/dhchap_key`]: "",
      [`${H}/dhchap_ctrl_key`]: "",
      [`${H}/dhchap_hash`]: "hmac(sha256)",
      [`${H}/dhchap_dhgroup`]: "null",
    },
    needs: "auth",
  },
  ...values(
    made,
    `${H}/dhchap_key`,
    [
      [`${key}\n`, "ok", key],
      ["DHHC-1:00:garbage:\n", "ok", "DHHC-1:00:garbage:"],
      ["foo", "EINVAL", ""],
      ["\n", "EINVAL", ""],
      ["DHHC-1:04:x:", "EINVAL", ""],
    ],
    built,
  ),
  {
    says: "a key is cleared by a NUL byte",
    given: [...made, write(`${H}/dhchap_key`, key)],
    when: write(`${H}/dhchap_key`, "\0"),
    gives: "ok",
    shows: { [`${H}/dhchap_key`]: "" },
    since: "6.12",
    needs: "auth",
  },
  ...values(
    made,
    `${H}/dhchap_ctrl_key`,
    [
      [key, "ok", key],
      ["foo", "EINVAL", ""],
    ],
    built,
  ),
  ...values(
    made,
    `${H}/dhchap_hash`,
    [
      ["hmac(sha512)\n", "ok", "hmac(sha512)"],
      ["hmac(sha384)", "ok", "hmac(sha384)"],
      ["sha256", "EINVAL", "hmac(sha256)"],
    ],
    built,
  ),
  ...values(
    made,
    `${H}/dhchap_dhgroup`,
    [
      ["ffdhe2048", "ok", "ffdhe2048"],
      ["ffdhe2048x", "ok", "ffdhe2048"],
      ["none", "EINVAL", "null"],
    ],
    built,
  ),
];
