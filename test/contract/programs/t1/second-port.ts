import type { Lib } from "../lib.ts";
import { P2, S } from "./names.ts";

const link = `${P2}/subsystems/s`;

/** Addresses that cannot be bound, and parameters of a port. */
export async function secondPort(lib: Lib): Promise<void> {
  const { T, w, r, mk, ln, un, ls } = lib.words();
  await mk(P2);
  await lib.address(P2, "127.0.0.1", "4420");
  T("dup address", await ln(S, link));
  await w(`${P2}/addr_traddr`, "0.0.0.0");
  T("0.0.0.0 same port", await ln(S, link));
  await w(`${P2}/addr_traddr`, "192.0.2.55");
  T("non-local address", await ln(S, link));
  await w(`${P2}/addr_traddr`, "localhost");
  T("hostname address", await ln(S, link));
  await w(`${P2}/addr_traddr`, "::1");
  T("adrfam mismatch", await ln(S, link));
  await w(`${P2}/addr_adrfam`, "ipv6");
  T("ipv6 ::1", await ln(S, link));
  T("same subsys two ports", await ls(`${P2}/subsystems`));
  await un(link);
  await w(`${P2}/addr_traddr`, "127.0.0.1");
  await w(`${P2}/addr_adrfam`, "ipv4");
  await w(`${P2}/addr_trsvcid`, "4421");
  T("pi_enable=1 on tcp port", `${await w(`${P2}/param_pi_enable`, "1")} link ${await ln(S, link)}`);
  await w(`${P2}/param_pi_enable`, "0");
  await lib.each("inline", `${P2}/param_inline_data_size`, ["0", "4096", "-1", "x", "999999999"]);
  await lib.each("max_queue_size", `${P2}/param_max_queue_size`, ["1", "5000", "-1", "x"]);
  await w(`${P2}/param_inline_data_size`, "-1");
  await w(`${P2}/param_max_queue_size`, "5000");
  T("link p2", await ln(S, link));
  const parameters = ["param_inline_data_size", "param_max_queue_size", "param_mdts"];
  const values: string[] = [];
  for (const name of parameters) values.push(await r(`${P2}/${name}`));
  T("after enable inline/mq", values.join(""));
  T("unlink p2", await un(link));
  T("traddr writable again", await w(`${P2}/addr_traddr`, "127.0.0.1"));
  T("inline after disable", await r(`${P2}/param_inline_data_size`));
}

/** A referral. Removing one kills the program on 5.0 and 5.4. */
export async function referral(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd, ls, names } = lib.words();
  const R = `${P2}/referrals/ref1`;
  T("mkdir referral", await mk(R));
  T("ls referral", await ls(R));
  for (const name of await names(R)) T(`default referral ${name}`, await r(`${R}/${name}`));
  const values: readonly [name: string, value: string][] = [
    ["addr_trtype", "tcp"],
    ["addr_adrfam", "ipv4"],
    ["addr_traddr", "192.0.2.1"],
    ["addr_trsvcid", "8009"],
    ["addr_portid", "7"],
    ["enable", "1"],
  ];
  for (const [name, value] of values) T(`referral ${name}`, await lib.wr(`${R}/${name}`, value));
  T("referral write traddr enabled", await w(`${R}/addr_traddr`, "1.2.3.4"));
  T("rmdir port with referral", await rd(P2));
  T("rmdir enabled referral", await rd(R));
  T("rmdir p2", await rd(P2));
}
