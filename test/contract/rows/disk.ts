import type { Row } from "../row.ts";
import { connect, mkdir, unlink, wait, write } from "./acts.ts";
import { asHost, connected, exported, N, otherDrive, otherUuid, P, portLink, S, uuid } from "./states.ts";

const anaState = (state: string) => write(`${P}/ana_groups/1/ana_state`, state);
const live = { "@controller/state": "live" };
const last = `${S}/namespaces/4294967294`;

/** The disk over all paths of a namespace, and when it comes (drivers/nvme/host/multipath.c). */
export const diskRows: readonly Row[] = [
  {
    says: "no disk comes over a path that is inaccessible",
    given: [...exported, anaState("inaccessible")],
    when: connect(asHost),
    gives: "ok",
    shows: { ...live, "@path/ana_state": "inaccessible", "@disk": "ENOENT" },
  },
  {
    says: "a disk comes with the first path that is usable",
    given: [...exported, anaState("inaccessible"), connect(asHost)],
    when: anaState("non-optimized"),
    gives: "ok",
    shows: { "@path/ana_state": "non-optimized", "@disk/uuid": uuid },
  },
  {
    says: "a disk stays when its path is usable no more",
    given: [...connected, wait(1)],
    when: anaState("inaccessible"),
    gives: "ok",
    shows: { "@path/ana_state": "inaccessible", "@disk/uuid": uuid },
  },
  {
    says: "a disk stays while its controller is connecting",
    given: [...connected, wait(1)],
    when: unlink(portLink),
    gives: "ok",
    shows: { "@controller/state": "connecting", "@disk/uuid": uuid },
  },
  {
    says: "a namespace without a block has no disk",
    given: [
      ...exported,
      write(`${N}/enable`, "0"),
      { act: "replace", path: "/run/flashfleet-empty", content: "" },
      write(`${N}/device_path`, "/run/flashfleet-empty"),
      write(`${N}/buffered_io`, "1"),
      write(`${N}/enable`, "1"),
      connect(asHost),
    ],
    when: wait(1),
    gives: "ok",
    shows: { ...live, "@path": "ENOENT", "@disk": "ENOENT" },
  },
  {
    says: "the last nsid is told as a negative number",
    given: [
      ...exported,
      write(`${S}/namespaces/1/enable`, "0"),
      mkdir(last),
      write(`${last}/device_path`, otherDrive),
      write(`${last}/device_uuid`, otherUuid),
      write(`${last}/enable`, "1"),
    ],
    when: connect(asHost),
    gives: "ok",
    shows: { ...live, "@path/nsid": "-2", "@disk/nsid": "-2", "@disk/uuid": otherUuid },
    // On 6.1 it is told so too, and then deleting the controller never ends: see walks/hazards.ts.
    since: "6.12",
  },
];
