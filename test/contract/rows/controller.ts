import type { ConnectOptions } from "../../../agent/system/system.ts";
import type { Row } from "../row.ts";
import { connect, link, mkdir, read, rmdir, unlink, wait, write } from "./acts.ts";
import { asHost, connected, discoveryNqn, exported, key, N, P, portLink, S, uuid } from "./states.ts";

const connectWith = (options: ConnectOptions) => connect({ ...asHost, ...options });
const none = { "@controller": "ENOENT" };
const live = { "@controller/state": "live" };

/** What becomes of a controller, its disk and its path (drivers/nvme/host). */
export const controllerRows: readonly Row[] = [
  {
    says: "delete_controller takes the controller and its disk",
    given: connected,
    when: write("@controller/delete_controller", "1"),
    gives: "ok",
    shows: { ...none, "@disk": "ENOENT" },
  },
  {
    says: "delete_controller is not read",
    given: connected,
    when: read("@controller/delete_controller"),
    gives: "EACCES",
  },
  {
    says: "rescan_controller",
    given: connected,
    when: write("@controller/rescan_controller", "1"),
    gives: "ok",
    shows: live,
  },
  {
    says: "reset_controller",
    given: connected,
    when: write("@controller/reset_controller", "1"),
    gives: "ok",
    shows: live,
  },
  {
    says: "a discovery controller sends no keep-alives",
    given: exported,
    when: connectWith({ nqn: discoveryNqn }),
    gives: "ok",
    shows: { ...live, "@controller/kato": "0" },
  },
  {
    says: "a discovery controller that came back sends keep-alives",
    given: [...exported, connectWith({ nqn: discoveryNqn })],
    when: write("@controller/reset_controller", "1"),
    gives: "ok",
    shows: { ...live, "@controller/kato": "5" },
  },
  {
    says: "a discovery controller whose port came back sends keep-alives",
    given: [...exported, connectWith({ nqn: discoveryNqn }), unlink(portLink), wait(2)],
    when: link(portLink, S),
    gives: "ok",
    shows: { ...live, "@controller/kato": "5" },
  },
  {
    says: "the state of a controller is not written",
    given: connected,
    when: write("@controller/state", "live"),
    gives: "EACCES",
  },
  {
    says: "ctrl_loss_tmo <- -1 is for ever",
    given: connected,
    when: write("@controller/ctrl_loss_tmo", "-1"),
    gives: "ok",
    shows: { "@controller/ctrl_loss_tmo": "off" },
  },
  {
    says: "ctrl_loss_tmo is kept as a number of attempts",
    given: [...exported, connectWith({ reconnect_delay: 2 })],
    when: write("@controller/ctrl_loss_tmo", "31"),
    gives: "ok",
    shows: { "@controller/ctrl_loss_tmo": "32" },
  },
  { says: "ctrl_loss_tmo <- x", given: connected, when: write("@controller/ctrl_loss_tmo", "x"), gives: "EINVAL" },
  {
    says: "reconnect_delay",
    given: connected,
    when: write("@controller/reconnect_delay", "5"),
    gives: "ok",
    shows: { "@controller/reconnect_delay": "5" },
  },
  {
    says: "fast_io_fail_tmo",
    given: connected,
    when: write("@controller/fast_io_fail_tmo", "10"),
    gives: "ok",
    shows: { "@controller/fast_io_fail_tmo": "10" },
  },
  {
    says: "a key where none was given",
    given: connected,
    when: write("@controller/dhchap_secret", key),
    gives: "EINVAL",
    needs: "auth",
  },
  {
    says: "iopolicy <- round-robin",
    given: connected,
    when: write("@subsystem/iopolicy", "round-robin"),
    gives: "ok",
    shows: { "@subsystem/iopolicy": "round-robin" },
  },
  {
    says: "iopolicy <- queue-depth",
    given: connected,
    when: write("@subsystem/iopolicy", "queue-depth"),
    gives: "ok",
    shows: { "@subsystem/iopolicy": "queue-depth" },
    since: "6.11",
  },
  {
    says: "iopolicy <- queue-depth before there was one",
    given: connected,
    when: write("@subsystem/iopolicy", "queue-depth"),
    gives: "EINVAL",
    until: "6.8",
  },
  {
    says: "iopolicy <- foo",
    given: connected,
    when: write("@subsystem/iopolicy", "foo"),
    gives: "EINVAL",
    shows: { "@subsystem/iopolicy": "numa" },
  },

  {
    says: "a disk stays while one of its two paths does",
    given: [...connected, connectWith({ duplicate_connect: true }), wait(1)],
    when: write("@controller/delete_controller", "1"),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid, "@path/ana_state": "optimized" },
  },
  ...["inaccessible", "persistent-loss", "change"].map(
    (state): Row => ({
      says: `a path that is ${state} keeps its disk`,
      given: connected,
      when: write(`${P}/ana_groups/1/ana_state`, state),
      gives: "ok",
      shows: { ...live, "@path/ana_state": state, "@disk/uuid": uuid },
    }),
  ),
  {
    says: "a path that was inaccessible and is optimized again",
    given: [...connected, write(`${P}/ana_groups/1/ana_state`, "inaccessible"), wait(1)],
    when: write(`${P}/ana_groups/1/ana_state`, "optimized"),
    gives: "ok",
    shows: { "@path/ana_state": "optimized", "@disk/uuid": uuid },
  },
  {
    says: "qid_max sends hosts away, who come back",
    given: connected,
    when: write(`${S}/attr_qid_max`, "128"),
    gives: "ok",
    shows: { ...live, "@disk/uuid": uuid },
  },
  {
    says: "a disabled namespace takes its disk",
    given: connected,
    when: write(`${N}/enable`, "0"),
    gives: "ok",
    shows: { ...live, "@disk": "ENOENT" },
  },
  {
    says: "a removed namespace takes its disk",
    given: connected,
    when: rmdir(N),
    gives: "ok",
    shows: { ...live, "@disk": "ENOENT" },
  },
  {
    says: "an enabled namespace brings its disk",
    given: [...connected, write(`${N}/enable`, "0"), wait(1)],
    when: write(`${N}/enable`, "1"),
    gives: "ok",
    shows: { "@disk/uuid": uuid },
  },
  { says: "a subsystem is not removed under its hosts", given: connected, when: rmdir(S), gives: "EBUSY", shows: live },
  {
    says: "an ANA state is seen on the path",
    given: connected,
    when: write(`${P}/ana_groups/1/ana_state`, "non-optimized"),
    gives: "ok",
    shows: { "@path/ana_state": "non-optimized" },
  },
  {
    says: "a namespace in a group that its port lacks is inaccessible",
    given: connected,
    when: write(`${N}/ana_grpid`, "2"),
    gives: "ok",
    shows: { "@path/ana_grpid": "2", "@path/ana_state": "inaccessible" },
  },
  {
    says: "a namespace in another group",
    given: [...connected, mkdir(`${P}/ana_groups/2`), write(`${P}/ana_groups/2/ana_state`, "non-optimized")],
    when: write(`${N}/ana_grpid`, "2"),
    gives: "ok",
    shows: { "@path/ana_state": "non-optimized" },
  },
  { says: "a disk has no ANA state of its own", given: connected, when: read("@disk/ana_state"), gives: "ENOENT" },
];
