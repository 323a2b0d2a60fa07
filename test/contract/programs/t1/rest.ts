import type { Lib } from "../lib.ts";
import { P, S } from "./names.ts";

/** Transports whose modules may be missing. */
export async function otherTransports(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd, ln, un } = lib.words();
  const P3 = "ports/3";
  await mk(P3);
  await w(`${P3}/addr_trtype`, "fc");
  T("link fc (module present?)", await ln(S, `${P3}/subsystems/s`));
  await w(`${P3}/addr_trtype`, "loop");
  T("link loop", await ln(S, `${P3}/subsystems/s`));
  T("loop readback traddr", await r(`${P3}/addr_traddr`));
  await un(`${P3}/subsystems/s`);
  await w(`${P3}/addr_trtype`, "rdma");
  T("link rdma no module", await ln(S, `${P3}/subsystems/s`));
  await rd(P3);
}

/** A discovery NQN of one's own. */
export async function uniqueDiscovery(lib: Lib): Promise<void> {
  const { T, w, mk } = lib.words();
  if (!(await lib.exists("discovery_nqn"))) return;
  const wellKnown = "nqn.2014-08.org.nvmexpress.discovery";
  T("discovery_nqn dup prefix", await w("discovery_nqn", "nqn.2024-01.io.x"));
  T("discovery_nqn dup full", await w("discovery_nqn", "nqn.2024-01.io.x:a"));
  T("discovery_nqn \\n", await w("discovery_nqn", "\n"));
  T("discovery_nqn with newline", await lib.wr("discovery_nqn", "nqn.2024-01.io.disc:1\n"));
  T("discovery_nqn no newline", await lib.wr("discovery_nqn", "nqn.2024-01.io.disc:2"));
  T("mkdir subsys = unique disc nqn", await mk("subsystems/nqn.2024-01.io.disc:2"));
  T("mkdir well-known after change", await mk(`subsystems/${wellKnown}`));
  T("discovery_nqn 300", await w("discovery_nqn", "d".repeat(300)));
  await w("discovery_nqn", wellKnown);
}

export async function passthru(lib: Lib): Promise<void> {
  const { T, w, r, ls, names } = lib.words();
  if (!(await names(S)).includes("passthru")) return;
  const PT = `${S}/passthru`;
  T("ls passthru", await ls(PT));
  for (const name of await names(PT)) T(`default passthru ${name}`, await r(`${PT}/${name}`));
  T("passthru enable no path", await w(`${PT}/enable`, "1"));
  T("passthru path", `${await w(`${PT}/device_path`, "/dev/nvme9")} ${await w(`${PT}/enable`, "1")}`);
  await w(`${PT}/device_path`, "/dev/null");
  T("passthru enable /dev/null", await w(`${PT}/enable`, "1"));
  T("passthru enable 0", await w(`${PT}/enable`, "0"));
}

export async function takeDown(lib: Lib): Promise<void> {
  const { T, rd, un } = lib.words();
  T("unlink last link p1", await un(`${P}/subsystems/s`));
  T("rmdir p1", await rd(P));
  T("rmdir subsys", await rd(S));
  T("rmmod nvmet", await lib.machine.rmmod(["nvmet_tcp", "nvme_loop", "nvmet_fc", "nvmet"]));
}
