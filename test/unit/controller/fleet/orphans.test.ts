import { expect, test } from "vitest";
import { foreignOf, orphansOf } from "../../../../controller/fleet/orphans.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import type { Entry, Spec } from "../../../../shared/protocol/spec.ts";
import { connection, exported, newsOf } from "../../../support/pair-evidence.ts";

const declared = (owner: string, state: Entry["state"] = "present"): Entry => ({
  kind: "nvmet_subsystem",
  state,
  resource: { nqn: "nqn.x", state },
  owner,
});
const spec = (entries: Spec["entries"], generation = 1): Spec => ({
  v: 1,
  node: NodeId.parse("flash01"),
  generation,
  entries,
});
const news = newsOf("flash01", {
  exports: [{ ...exported, nqn: "nqn.x" }],
  connections: [{ ...connection, nqn: "nqn.y" }],
});
const inSpec = { "nvme_connection nqn.y as nqn.host": { ...declared("play"), kind: "nvme_connection" as const } };

test.each<[string, Spec, string[]]>([
  [
    "what no spec has is an orphan",
    spec({}),
    ["flash01 exports nqn.x, and nobody declared it", "flash01 is connected to nqn.y, and nobody declared it"],
  ],
  [
    "what a spec has is none, a connection as a host of its own among it",
    spec({ "nvmet_subsystem nqn.x": declared("play"), ...inSpec }),
    [],
  ],
  [
    "what a spec wants to be gone is one",
    spec({ "nvmet_subsystem nqn.x": declared("play", "absent"), ...inSpec }),
    ["flash01 exports nqn.x, and nobody declared it"],
  ],
  [
    "what is left of a volume that is no more is one, and says whose it was",
    spec({ "nvmet_subsystem nqn.x": declared("volume db01/old"), ...inSpec }),
    ["flash01 exports nqn.x, of the volume db01/old, which is no more"],
  ],
  [
    "what belongs to a volume that is there is none",
    spec({ "nvmet_subsystem nqn.x": declared("volume db01/data"), ...inSpec }),
    [],
  ],
  ["nothing is told where the report was made on another spec", spec({}, 2), []],
])("%s", (_, given, says) => {
  const found = foreignOf(news, () => false);
  const orphans = orphansOf(news, found, given, new Map([["db01/data", {}]]));
  expect(orphans.map((each) => each.says)).toEqual(says);
});

test("a volume's export is nothing foreign", () => {
  expect(foreignOf(news, (nqn) => nqn === "nqn.x")).toMatchObject([{ what: "connection", nqn: "nqn.y" }]);
});
