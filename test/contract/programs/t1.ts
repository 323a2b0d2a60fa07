import type { Lib } from "./lib.ts";

/** Rules and attributes of configfs (t1.py). */
export async function t1(lib: Lib): Promise<void> {
  const { T, w, r, mk } = lib.words();
  T("nvmet before modprobe: /sys/module/nvmet", await lib.exists("/sys/module/nvmet"));
  await lib.boot();
  T("root ls", await lib.ls(""));
  T("root discovery_nqn", await r("discovery_nqn"));
  const S = "subsystems/nqn.2024-01.io.x:a";
  T("mkdir subsys a", await mk(S));
  T("creat file in subsys O_CREAT", await w(`${S}/nope`, "1", { access: "write", create: true }));
}
