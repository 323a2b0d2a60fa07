import * as z from "zod";
import { hostVariables } from "../../controller/inventory/listing.ts";
import { parseInventory } from "../../controller/inventory/parse-inventory.ts";
import { matchHosts } from "../../controller/inventory/patterns.ts";
import { makeInventory } from "./inventory-files.ts";

const Task = z.object({ hosts: z.int(), groups: z.int(), form: z.enum(["YAML", "INI", "folder"]) });
const { hosts, groups, form } = Task.parse(JSON.parse(process.argv[2] ?? ""));

const files = makeInventory(hosts, groups, form);
const started = performance.now();
const { inventory, problems } = parseInventory({ files, sources: ["hosts"] });
const parsed = performance.now();
const { hosts: matched } = matchHosts("rack*:&flash*:!rack1[0:3]:!~flash0*7$", inventory);
const done = performance.now();
for (const host of inventory.hosts.values()) hostVariables(host);
const looked = performance.now();

if (problems.length > 0 || inventory.hosts.size !== hosts || matched.length < hosts / 2)
  throw new Error(`read ${inventory.hosts.size} hosts, matched ${matched.length}, ${problems.length} problems`);
process.stdout.write(
  JSON.stringify({
    parse: parsed - started,
    match: done - parsed,
    variables: looked - done,
    rss: process.memoryUsage().rss,
  }),
);
