import type { Lib } from "../lib.ts";
import { H, namespace, S } from "./names.ts";

const K = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";

/** Hosts, and their keys where the kernel has them. */
export async function hosts(lib: Lib): Promise<void> {
  const { T, r, mk, rd, ls, names } = lib.words();
  T("mkdir host foo", await mk("hosts/foo"));
  T("ls host", await ls("hosts/foo"));
  for (const name of await names("hosts/foo")) T(`default host ${name}`, await r(`hosts/foo/${name}`));
  T("mkdir host 255", await mk(`hosts/${"h".repeat(255)}`));
  await rd(`hosts/${"h".repeat(255)}`);
  T("mkdir host", await mk(H));
  if (!(await names(H)).includes("dhchap_key")) return;
  const keys = [
    ...[`${K}\n`, K, "DHHC-1:01:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:", "DHHC-1:04:xx:", "DHHC-1:00:"],
    ...["DHHC-1:00", "foo", "\n", "", "DHHC-1:00:garbage:", "\0"],
  ];
  await lib.each("dhchap_key", `${H}/dhchap_key`, keys);
  await lib.each("dhchap_ctrl_key", `${H}/dhchap_ctrl_key`, [K, "\0"]);
  const hashes = ["hmac(sha256)", "hmac(sha512)\n", "hmac(sha384)", "sha256", "none", "\n", "hmac(sha256)x"];
  await lib.each("dhchap_hash", `${H}/dhchap_hash`, hashes);
  const groups = ["null", "ffdhe2048\n", "ffdhe8192", "none", "x", "ffdhe2048x"];
  await lib.each("dhchap_dhgroup", `${H}/dhchap_dhgroup`, groups);
}

/** Which links allowed_hosts takes, and from where their targets count. */
export async function allowedHosts(lib: Lib): Promise<void> {
  const { T, w, rd, ln, un } = lib.words();
  const { calls } = lib.machine;
  const A = `${S}/attr_allow_any_host`;
  const allowed = `${S}/allowed_hosts`;
  await w(A, "1");
  T("link host when allow_any=1", await ln(H, `${allowed}/x`));
  await w(A, "0");
  T("link host arbitrary name", await ln(H, `${allowed}/anyname`));
  T("readlink", await lib.readlink(`${allowed}/anyname`));
  T("link host second name", await ln(H, `${allowed}/other`));
  T("link host same name", await ln(H, `${allowed}/anyname`));
  T("link other host on taken name", await ln("hosts/foo", `${allowed}/anyname`));
  T("allow_any=1 with hosts", await lib.wr(A, "1"));
  T("allow_any=0 with hosts", await w(A, "0"));
  T("rmdir linked host", await rd(H));
  T("link missing host", await ln("hosts/nope", `${allowed}/nope`));
  T("link subsystem in allowed_hosts", await ln(S, `${allowed}/s`));
  T("link /tmp in allowed_hosts", await ln("/tmp", `${allowed}/t`));
  T("link attr file", await ln(`${S}/attr_serial`, `${allowed}/t`));
  const relative = "../../../hosts/foo";
  await calls.chdir("/tmp");
  T("relative target from cwd=/tmp", await lib.lnRelative(relative, `${allowed}/foo`));
  await calls.chdir(`/sys/kernel/config/nvmet/${allowed}`);
  T("relative target ../../../hosts/foo from cwd=allowed_hosts", await lib.lnRelative(relative, `${allowed}/foo`));
  await calls.chdir("/");
  T("link into namespaces", await ln("hosts/foo", `${S}/namespaces/z`));
  T("link into hosts", await ln("hosts/foo", "hosts/z"));
  T("link into subsys", await ln("hosts/foo", `${S}/z`));
  await rd(namespace);
  T("rmdir subsys with allowed hosts only", await rd(S));
  T("unlink host", await un(`${allowed}/anyname`));
  T("unlink again", await un(`${allowed}/anyname`));
  await un(`${allowed}/foo`);
  T("rmdir host", await rd(H));
}
