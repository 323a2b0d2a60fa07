import type { Lib } from "../lib.ts";
import { S } from "./names.ts";

/** The tree's top, and a subsystem: what can be made where, and how files of configfs are opened. */
export async function subsystem(lib: Lib): Promise<void> {
  const { T, w, r, mk, rd, un, ls, names } = lib.words();
  T("nvmet before modprobe: /sys/module/nvmet", await lib.exists("/sys/module/nvmet"));
  await lib.boot();
  T("root ls", await ls(""));
  T("root discovery_nqn", await r("discovery_nqn"));
  T("mkdir subsys a", await mk(S));
  T("mkdir subsys a again", await mk(S));
  T("ls subsys", await ls(S));
  for (const name of (await names(S)).filter((each) => each.startsWith("attr"))) {
    T(`default ${name}`, await r(`${S}/${name}`));
  }
  T("stat mode attr_model", await lib.mode(`${S}/attr_allow_any_host`));
  T("mkdir discovery nqn", await mk("subsystems/nqn.2014-08.org.nvmexpress.discovery"));
  T('mkdir subsys arbitrary "foo bar"', await mk("subsystems/foo bar"));
  T("rmdir", await rd("subsystems/foo bar"));
  for (const length of [223, 224, 255, 256]) {
    T(`mkdir subsys ${length} chars`, await mk(`subsystems/${"n".repeat(length)}`));
    if (length < 256) await rd(`subsystems/${"n".repeat(length)}`);
  }
  T("mkdir at root", await mk("foo"));
  T("mkdir in subsys", await mk(`${S}/foo`));
  T("mkdir in allowed_hosts", await mk(`${S}/allowed_hosts/foo`));
  T("rmdir allowed_hosts (default group)", await rd(`${S}/allowed_hosts`));
  T("rmdir subsystems", await rd("subsystems"));
  const A = `${S}/attr_allow_any_host`;
  T("creat file in subsys O_CREAT", await w(`${S}/nope`, "1", { access: "write", create: true }));
  T("write missing attr no O_CREAT", await w(`${S}/nope`, "1"));
  T("O_CREAT|O_TRUNC existing attr", await w(A, "0", { access: "write", create: true, truncate: true }));
  T("O_CREAT|O_EXCL existing", await w(A, "0", { access: "write", create: true, exclusive: true }));
  T("zero-length write", await w(A, ""));
  T("unlink attr", await un(A));
  T("rename subsys", await lib.mv(S, `${S}2`));
}

/** The values that each attribute of a subsystem takes. */
export async function subsystemAttributes(lib: Lib): Promise<void> {
  const any = ["1", "0", "y", "n", "Y\n", "on", "off", "true", "false", "2", "", "\n", "1\n", "0\n", "t", "enabled"];
  await lib.each("allow_any_host", `${S}/attr_allow_any_host`, any);
  await lib.w(`${S}/attr_allow_any_host`, "0");
  const serials = ["abc\n", "abc", "ABCDEF0123456789ABCD", "ABCDEF0123456789ABCDE", "", "\n", "zz-1 2", "hé", "0x1f\n"];
  await lib.each("serial", `${S}/attr_serial`, serials);
  await lib.each("model", `${S}/attr_model`, ["My Model\n", "x".repeat(40), "x".repeat(41), "\n", "Linux"]);
  await lib.each("version", `${S}/attr_version`, ["1.4\n", "1.4.0", "2.0.1", "1", "x", "1.3"]);
  const values: Readonly<Record<string, readonly string[]>> = {
    attr_cntlid_min: ["0", "10", "65519", "65520", "70000", "x", "1\n"],
    attr_cntlid_max: ["0", "1", "5", "65519", "65535", "65519"],
    attr_qid_max: ["0", "1", "4", "128", "129", "x", "4\n"],
    attr_ieee_oui: ["0x1000000", "0xabcdef", "123\n", "x"],
    attr_firmware: ["123456789", "fw1\n", ""],
    attr_pi_enable: ["1", "0"],
    attr_vendor_id: ["0x1234", "70000"],
    attr_subsys_vendor_id: ["1"],
  };
  for (const [name, texts] of Object.entries(values)) await lib.each(name, `${S}/${name}`, texts);
}
