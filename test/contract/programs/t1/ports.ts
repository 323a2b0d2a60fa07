import type { Lib } from "../lib.ts";
import { repr } from "../python.ts";
import { P, S } from "./names.ts";

/** Names of ports and ANA groups. */
export async function ports(lib: Lib): Promise<void> {
  const { T, r, mk, rd, ls, names } = lib.words();
  for (const name of ["0", "1", "65535", "65536", "-1", "x", "0x10", "007"]) {
    T(`mkdir port ${repr(name)}`, await mk(`ports/${name}`));
  }
  for (const name of await names("ports")) if (name !== "1") await rd(`ports/${name}`);
  T("ls port", await ls(P));
  for (const name of await lib.settings(P)) T(`default port ${name}`, await r(`${P}/${name}`));
  T("ls ana_groups", await ls(`${P}/ana_groups`));
  T("ana1", await r(`${P}/ana_groups/1/ana_state`));
  for (const name of ["1", "0", "2", "128", "129", "x"]) {
    T(`mkdir ana_group ${repr(name)}`, await mk(`${P}/ana_groups/${name}`));
  }
  const state = `${P}/ana_groups/2/ana_state`;
  T("ana2 default", await r(state));
  T("rmdir ana 1", await rd(`${P}/ana_groups/1`));
  const states = ["optimized", "non-optimized\n", "inaccessible", "persistent-loss", "change", "foo"];
  await lib.each("ana_state", state, states);
  T("rmdir port with ana group 2", await rd(P));
  await rd(`${P}/ana_groups/2`);
  await rd(`${P}/ana_groups/128`);
}

/** The values that each part of a port's address takes, and links that come too early. */
export async function portAddress(lib: Lib): Promise<void> {
  const { T, w, r, ln } = lib.words();
  T("link subsys on blank port", await ln(S, `${P}/subsystems/s`));
  await lib.each("trtype", `${P}/addr_trtype`, ["tcp\n", "rdma", "loop", "fc", "pci", "TCP", "x"]);
  await w(`${P}/addr_trtype`, "tcp");
  T("link with only trtype", await ln(S, `${P}/subsystems/s`));
  const families = ["ipv4", "ipv6\n", "ib", "fc", "pcie", "loop", "pci", "inet"];
  await lib.each("adrfam", `${P}/addr_adrfam`, families);
  await w(`${P}/addr_adrfam`, "ipv4");
  await lib.each("treq", `${P}/addr_treq`, ["required", "not required\n", "not specified", "x"]);
  for (const value of ["none", "tls1.3", "tls1.2"]) {
    T(`tsas <- ${repr(value)}`, `${await lib.wr(`${P}/addr_tsas`, value)} treq ${await r(`${P}/addr_treq`)}`);
  }
  await w(`${P}/addr_tsas`, "none");
  for (const value of ["10.0.0.1 junk\n", "\n", " 10.0.0.2", "a".repeat(256), "a".repeat(257), "127.0.0.1\n"]) {
    const taken = `${await w(`${P}/addr_traddr`, value)} -> ${(await r(`${P}/addr_traddr`)).slice(0, 60)}`;
    T(`traddr <- ${value.length < 40 ? repr(value) : value.length}`, taken);
  }
  T("link with no trsvcid", await ln(S, `${P}/subsystems/s`));
  await lib.each("trsvcid", `${P}/addr_trsvcid`, ["4420\n", "notaport", "1".repeat(32), "1".repeat(33)]);
  for (const value of ["notaport", "65536", "0", "4420"]) {
    await w(`${P}/addr_trsvcid`, value);
    const result = await ln(S, `${P}/subsystems/s`);
    T(`link trsvcid=${value}`, result);
    if (result === "ok" && value !== "4420") await lib.un(`${P}/subsystems/s`);
  }
  T("ls port subsystems", await lib.ls(`${P}/subsystems`));
  T("readlink", await lib.readlink(`${P}/subsystems/s`));
}

/** What a port refuses while it listens. */
export async function enabledPort(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd, ln } = lib.words();
  for (const name of await lib.settings(P)) {
    const now = (await r(`${P}/${name}`)).slice(1, -1).replaceAll("\\n", "");
    const taken = `${await w(`${P}/${name}`, now || "x")} now ${await r(`${P}/${name}`)}`;
    T(`enabled port: write ${name} same value ${repr(now)}`, taken);
  }
  T("enabled port: trtype invalid value", await w(`${P}/addr_trtype`, "bogus"));
  T("enabled port: pi invalid", await w(`${P}/param_pi_enable`, "bogus"));
  T("link same subsys other name", await ln(S, `${P}/subsystems/s2`));
  T("link host into port", await ln("hosts/foo", `${P}/subsystems/h`));
  T("link namespaces dir", await ln(`${S}/namespaces`, `${P}/subsystems/h`));
  T("rmdir linked subsys", await rd(S));
  await mk(`${S}/namespaces/1`);
  T("rmdir linked subsys with ns", await rd(S));
  await rd(`${S}/namespaces/1`);
  T("rmdir port with link", await rd(P));
}
