import { FlashfleetError } from "../../../shared/errors.ts";
import type { ActionContext } from "../action.ts";
import { type Ran, runTool } from "./run.ts";

/** Programs that change nothing, by how their command lines begin. A check runs no others. */
const looks = [
  ["apt-cache"],
  ["apt-get", "-s"],
  ["blkid", "-c", "/dev/null"],
  ["dnf", "--assumeno"],
  ["dpkg-query"],
  ["dumpe2fs", "-h"],
  ["rpm", "-q"],
  ["stat"],
  ["systemctl", "is-enabled"],
  ["systemctl", "list-unit-files"],
  ["systemctl", "show"],
  ["wipefs", "--no-act"],
  ["xfs_info"],
] as const;

type Look = readonly [...(typeof looks)[number], ...string[]];

/** What a program says of the node that only looks: in a check of the node itself, whatever the check's model of it is. */
export function look(argv: Look, { system, deadline, checking }: ActionContext): Promise<Ran> {
  const isLook = looks.some((beginning) => beginning.every((word, index) => argv[index] === word));
  if (!isLook) throw new FlashfleetError("internal", `${argv.join(" ")} is not known to change nothing`);
  return runTool(
    { argv },
    checking === undefined ? { system, deadline } : { system: checking.node, deadline: checking.deadline },
  );
}
