import { describe, expect, test } from "vitest";
import { bare, seen } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf } from "../../../support/wanted.ts";

const loaded = (name: string, parameters: Record<string, string> = {}) =>
  seen({ kernel: { modules: new Set([name]) }, parameters: new Map([[name, parameters]]) });

describe("kernel_module", () => {
  testPlans({
    "nothing loaded and two modules wanted gives a step for each, in their order": {
      seen: bare(),
      want: [{ kernel_module: { name: ["nvmet", "nvmet-tcp"] } }],
      gives: ["load module | load kernel module nvmet | none", "load module | load kernel module nvmet_tcp | none"],
    },
    "a module that is loaded, or built in, gives nothing": {
      seen: loaded("nvmet"),
      want: [{ kernel_module: { name: "nvmet" } }],
      gives: [],
    },
    "a name with - is the module with _": {
      seen: loaded("nvmet_tcp"),
      want: [{ kernel_module: { name: "nvmet-tcp" } }],
      gives: [],
    },
    "a module that this kernel lacks is refused, with the others' steps": {
      seen: bare(["nvmet"]),
      want: [{ kernel_module: { name: ["nvmet", "nvmet_rdma"] } }],
      gives: [
        "load module | load kernel module nvmet | none",
        "refused module_missing: cannot load kernel module nvmet_rdma: Linux 6.12.0 has no such module",
      ],
    },
    "a parameter that has the value, in the kernel's spelling, gives nothing": {
      seen: loaded("nvme_core", { multipath: "Y", io_timeout: "30" }),
      want: [{ kernel_module: { name: "nvme_core", parameters: { multipath: true, io_timeout: 30 } } }],
      gives: [],
    },
    "a parameter that has another value is refused: it is not reloaded from under its users": {
      seen: loaded("nvme_core", { multipath: "N" }),
      want: [{ kernel_module: { name: "nvme_core", parameters: { multipath: true } } }],
      gives: [
        "refused plan_refused: cannot set multipath=true of kernel module nvme_core: it is loaded with multipath=N",
      ],
    },
    "a parameter that the module does not have is refused": {
      seen: loaded("nvmet"),
      want: [{ kernel_module: { name: "nvmet", parameters: { fast: 1 } } }],
      gives: ["refused plan_refused: cannot set fast=1 of kernel module nvmet: it is loaded with no such parameter"],
    },
    "what we loaded goes, last first": {
      seen: seen(),
      owned: ["module nvmet", "module nvmet_tcp"],
      want: [{ kernel_module: { name: ["nvmet", "nvmet_tcp"], state: "absent" } }],
      gives: [
        "unload module | unload kernel module nvmet_tcp | none",
        "unload module | unload kernel module nvmet | none",
      ],
    },
    "what was loaded before us stays": {
      seen: seen(),
      want: [{ kernel_module: { name: "nvmet", state: "absent" } }],
      gives: [],
    },
  });

  test("current lists what is loaded", () => {
    expect(currentOf("kernel_module", loaded("nvme_core"))).toEqual([{ name: "nvme_core", state: "present" }]);
  });
});
