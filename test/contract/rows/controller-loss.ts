import type { ConnectOptions } from "../../../agent/system/system.ts";
import type { Row } from "../row.ts";
import { connect, link, unlink, wait, write } from "./acts.ts";
import { asHost, connected, exported, exportedToo, host, portLink, S, uuid } from "./states.ts";

const connectWith = (options: ConnectOptions) => connect({ ...asHost, ...options });
const none = { "@controller": "ENOENT" };
const live = { "@controller/state": "live" };

const revoked = [...connected, unlink(`${S}/allowed_hosts/${host}`)];

/** What becomes of a controller whose host is sent away, or whose target is lost (drivers/nvme/host, fabrics.c and core.c). */
export const controllerLossRows: readonly Row[] = [
  {
    says: "a host that is no longer allowed stays connected",
    given: revoked,
    when: wait(2),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
  },
  {
    says: "a host that is no longer allowed is gone at its next connect",
    given: revoked,
    when: write("@controller/reset_controller", "1"),
    gives: "ENETRESET",
    shows: none,
    since: "6.11",
  },
  {
    says: "a host that is no longer allowed keeps trying at its next connect",
    given: revoked,
    when: write("@controller/reset_controller", "1"),
    gives: "ENETRESET",
    shows: { "@controller/state": "connecting" },
    until: "6.9",
  },
  {
    says: "a port that is gone leaves its hosts connecting",
    given: connected,
    when: unlink(portLink),
    gives: "ok",
    shows: { "@controller/state": "connecting" },
  },
  {
    says: "a port that comes back gets its hosts back, with their disks",
    given: [...connected, unlink(portLink), wait(3)],
    when: link(portLink, S),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
  },
  {
    says: "a port that is linked again at once gets its hosts back, with their disks",
    given: [...connected, unlink(portLink)],
    when: link(portLink, S),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
  },
  {
    says: "a host that is no longer allowed does not come back to a port that is linked again",
    given: [...revoked, unlink(portLink), link(portLink, S)],
    when: wait(3),
    gives: "ok",
    shows: none,
    since: "6.11",
  },
  {
    says: "a host that is no longer allowed is gone with a write of attr_qid_max, of the same value even",
    given: [...revoked, write(`${S}/attr_qid_max`, "128")],
    when: wait(3),
    gives: "ok",
    shows: none,
    since: "6.11",
  },
  {
    says: "a host that is allowed comes back after a write of attr_qid_max",
    given: [...connected, write(`${S}/attr_qid_max`, "128")],
    when: wait(3),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
    since: "6.2",
  },
  {
    says: "a subsystem that left its port is given up by its hosts",
    given: [...connected, ...exportedToo, unlink(portLink)],
    when: wait(3),
    gives: "ok",
    shows: none,
    since: "6.11",
  },
  {
    says: "a subsystem that left its port is waited for by its hosts",
    given: [...connected, ...exportedToo, unlink(portLink)],
    when: wait(3),
    gives: "ok",
    shows: { "@controller/state": "connecting" },
    until: "6.9",
  },
  {
    says: "a controller that is connecting is deleted",
    given: [...connected, unlink(portLink), wait(2)],
    when: write("@controller/delete_controller", "1"),
    gives: "ok",
    shows: none,
  },
  {
    says: "ctrl_loss_tmo ends a controller",
    given: [...exported, connectWith({ ctrl_loss_tmo: 2 }), unlink(portLink)],
    when: wait(5),
    gives: "ok",
    shows: none,
  },
  {
    says: "ctrl_loss_tmo 0 ends a controller with its first connection",
    given: [...exported, connectWith({ ctrl_loss_tmo: 0 })],
    when: unlink(portLink),
    gives: "ok",
    shows: { ...none, "@disk": "ENOENT" },
  },
  {
    says: "ctrl_loss_tmo -1 lets a controller try for ever",
    given: [...exported, connectWith({ ctrl_loss_tmo: -1 }), wait(1), unlink(portLink)],
    when: wait(5),
    gives: "ok",
    shows: { "@controller/state": "connecting", "@controller/ctrl_loss_tmo": "off", "@disk/uuid": uuid },
  },
  {
    says: "ctrl_loss_tmo ends a controller that has tried for longer already",
    given: [...connected, unlink(portLink), wait(3)],
    when: write("@controller/ctrl_loss_tmo", "1"),
    gives: "ok",
    shows: none,
  },
  {
    says: "fast_io_fail_tmo ends neither the controller nor its disk",
    given: [...exported, connectWith({ fast_io_fail_tmo: 1 }), wait(1), unlink(portLink)],
    when: wait(4),
    gives: "ok",
    shows: { "@controller/fast_io_fail_tmo": "1", "@controller/state": "connecting", "@disk/uuid": uuid },
  },
  {
    says: "fast_io_fail_tmo does not keep a controller from coming back",
    given: [...exported, connectWith({ fast_io_fail_tmo: 1 }), wait(1), unlink(portLink), wait(4)],
    when: link(portLink, S),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
  },
  {
    says: "fast_io_fail_tmo <- -1 is off",
    given: [...exported, connectWith({ fast_io_fail_tmo: 5 })],
    when: write("@controller/fast_io_fail_tmo", "-1"),
    gives: "ok",
    shows: { "@controller/fast_io_fail_tmo": "off" },
  },
  {
    says: "keep_alive_tmo 0 is the default",
    given: exported,
    when: connectWith({ keep_alive_tmo: 0 }),
    gives: "ok",
    shows: { ...live, "@controller/kato": "5" },
  },
  {
    says: "a keep-alive timeout",
    given: exported,
    when: connectWith({ keep_alive_tmo: 7 }),
    gives: "ok",
    shows: { ...live, "@controller/kato": "7" },
  },
];
