import type { Row } from "../row.ts";
import { mkdir, rmdir, values, write } from "./acts.ts";
import { linked, P } from "./states.ts";

const at = (name: string) => `${P}/${name}`;
const made = [mkdir(P)];
const group = at("ana_groups/2");
const referral = at("referrals/r");

/** ANA groups and referrals of a port. */
export const portGroupRows: readonly Row[] = [
  { says: "ANA group 1 is there", given: made, when: mkdir(at("ana_groups/1")), gives: "EEXIST" },
  { says: "ANA group 0", given: made, when: mkdir(at("ana_groups/0")), gives: "EINVAL" },
  { says: "ANA group 129", given: made, when: mkdir(at("ana_groups/129")), gives: "EINVAL" },
  {
    says: "a new ANA group is inaccessible",
    given: made,
    when: mkdir(group),
    gives: "ok",
    shows: { [`${group}/ana_state`]: "inaccessible", [at("ana_groups")]: "1 2" },
  },
  ...values([...made, mkdir(group)], `${group}/ana_state`, [
    ["optimized", "ok", "optimized"],
    ["non-optimized\n", "ok", "non-optimized"],
    ["persistent-loss", "ok", "persistent-loss"],
    ["change", "ok", "change"],
    ["foo", "EINVAL", "inaccessible"],
  ]),
  {
    says: "two spellings of an ANA group have one state",
    given: [...made, mkdir(group), mkdir(at("ana_groups/0x2"))],
    when: write(`${group}/ana_state`, "optimized"),
    gives: "ok",
    shows: { [at("ana_groups/0x2/ana_state")]: "optimized", [at("ana_groups")]: "0x2 1 2" },
  },
  {
    says: "an ANA group that goes leaves its other spelling inaccessible",
    given: [...made, mkdir(group), mkdir(at("ana_groups/0x2")), write(`${group}/ana_state`, "optimized")],
    when: rmdir(at("ana_groups/0x2")),
    gives: "ok",
    shows: { [`${group}/ana_state`]: "inaccessible" },
  },
  {
    says: "ANA group 1 changes on an enabled port",
    given: linked,
    when: write(at("ana_groups/1/ana_state"), "non-optimized"),
    gives: "ok",
    shows: { [at("ana_groups/1/ana_state")]: "non-optimized" },
  },
  {
    says: "a port with an ANA group of its own is not removed",
    given: [...made, mkdir(group)],
    when: rmdir(P),
    gives: "ENOTEMPTY",
  },
  {
    says: "an ANA group is removed from an enabled port",
    given: [...linked, mkdir(group)],
    when: rmdir(group),
    gives: "ok",
    shows: { [at("ana_groups")]: "1" },
  },

  {
    says: "a referral",
    given: made,
    when: mkdir(referral),
    gives: "ok",
    shows: {
      [referral]: "addr_adrfam addr_portid addr_traddr addr_treq addr_trsvcid addr_trtype enable",
      [`${referral}/enable`]: "0",
    },
  },
  {
    says: "a blank referral is enabled",
    given: [...made, mkdir(referral)],
    when: write(`${referral}/enable`, "1"),
    gives: "ok",
    shows: { [`${referral}/enable`]: "1" },
  },
  {
    says: "an enabled referral keeps its address",
    given: [...made, mkdir(referral), write(`${referral}/enable`, "1")],
    when: write(`${referral}/addr_traddr`, "10.0.0.9"),
    gives: "EACCES",
  },
  {
    says: "a port with a referral is not removed",
    given: [...made, mkdir(referral)],
    when: rmdir(P),
    gives: "ENOTEMPTY",
  },
  {
    says: "an enabled referral is removed",
    given: [...made, mkdir(referral), write(`${referral}/enable`, "1")],
    when: rmdir(referral),
    gives: "ok",
    since: "5.10",
  },
];
