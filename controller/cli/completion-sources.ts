import * as z from "zod";
import { formatSize } from "../../shared/size.ts";
import { NodeSummary, RunSummary } from "../api/messages.ts";
import { VolumesAnswer } from "../api/volume-messages.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { inventoryOfNodes } from "../inventory/node-inventory.ts";
import { collectProject } from "./collect-project.ts";
import type { Sources, Typed } from "./complete-words.ts";
import { type Context, clientOf } from "./context.ts";
import { load } from "./list.ts";

/** Milliseconds that somebody at the tab key waits for a controller. */
const patience = 1000;

/** What is known of hosts and runs: from the inventory that the line names, else from the controller. Nothing where that fails. */
export function completionSources(context: Context): Pick<Sources, "hosts" | "groups" | "runs" | "volumes"> {
  let known: Promise<Inventory | undefined> | undefined;
  const inventory = (typed: Typed) => {
    known ??= inventoryFor(context, typed).catch(() => undefined);
    return known;
  };
  return {
    hosts: async (typed) =>
      [...((await inventory(typed))?.hosts.keys() ?? [])].map((value) => ({ value, says: "host" })),
    groups: async (typed) =>
      [...((await inventory(typed))?.groups.keys() ?? [])].map((value) => ({ value, says: "group" })),
    runs: async (typed) => {
      const runs = await clientOf(context, dataOf(typed))
        .get("/v1/runs", z.array(RunSummary), AbortSignal.timeout(patience))
        .catch(() => []);
      const wanted = typed.command === "cancel" ? runs.filter(({ outcome }) => outcome === "running") : runs;
      return wanted.map(({ run, title, outcome }) => ({ value: run, says: `${outcome}: ${title}` }));
    },
    volumes: async (typed) => {
      const answer = await clientOf(context, dataOf(typed))
        .get("/v1/volumes", VolumesAnswer, AbortSignal.timeout(patience))
        .catch(() => undefined);
      return (answer?.volumes ?? []).map(({ volume, size }) => ({
        value: volume,
        says: `volume of ${formatSize(size)}`,
      }));
    },
  };
}

async function inventoryFor(context: Context, typed: Typed): Promise<Inventory> {
  const given = typed.options.get("--inventory") ?? [];
  if (given.length > 0) {
    return (await load(context, await collectProject([], { inventory: [...given] }), {})).inventory;
  }
  const nodes = await clientOf(context, dataOf(typed)).get(
    "/v1/nodes",
    z.array(NodeSummary),
    AbortSignal.timeout(patience),
  );
  return inventoryOfNodes(nodes.map(({ node, labels }) => ({ id: node, labels })));
}

function dataOf({ options }: Typed): { data?: string } {
  const data = options.get("--data")?.at(-1);
  return data === undefined ? {} : { data };
}
