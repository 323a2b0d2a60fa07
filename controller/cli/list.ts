import * as z from "zod";
import { FlashfleetError } from "../../shared/errors.ts";
import { NodeSummary, type Project } from "../api/messages.ts";
import { ManyProblems } from "../api/problems.ts";
import { groupsVariable } from "../inventory/host-layers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { inventoryOfNodes } from "../inventory/node-inventory.ts";
import { type Matched, matchHosts } from "../inventory/patterns.ts";
import { type Project as Loaded, loadProject } from "../project/load-project.ts";
import { patternOf } from "../project/play.ts";
import type { Play } from "../project/playbook.ts";
import { openedKeyring } from "../project/vault/keyring.ts";
import { moduleOf, type Node, programOf, type Step } from "../run/program.ts";
import type { TagSelection } from "../run/tags.ts";
import { compiledLayer } from "../template/compiled-value.ts";
import { Scope, valueLayer } from "../template/scope.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";

/** What is told of a run instead of running it; of several, all. */
export interface ListOptions {
  listHosts?: boolean;
  listTasks?: boolean;
  listTags?: boolean;
  syntaxCheck?: boolean;
}

export function wantsList({ listHosts, listTasks, listTags, syntaxCheck }: ListOptions): boolean {
  return [listHosts, listTasks, listTags, syntaxCheck].includes(true);
}

/**
 * Prints what `ansible-playbook` does for these options. Throws every mistake in the files at once, and `no_hosts` where a play
 * names no host. The controller is asked only for its nodes, and only where no inventory was given.
 */
export async function listPlaybooks(
  context: Context,
  project: Project,
  selection: TagSelection,
  options: ListOptions & CommonOptions,
): Promise<number> {
  const loaded = await load(context, project, options);
  const json = wantsJson(options);
  const none: string[] = [];
  let some = false;
  for (const { file, plays } of loaded.playbooks) {
    if (!json) context.out(`\nplaybook: ${file}\n`);
    if (!options.listHosts && !options.listTasks && !options.listTags) continue;
    for (const [index, play] of plays.entries()) {
      const told = tell(context, play, loaded, project, selection, options);
      if (told.hosts !== undefined && told.hosts.length > 0) some = true;
      // Hosts that all lie outside of the limit are the limit's doing.
      else if (told.hosts !== undefined && (project.limit === undefined || !namesAny(told.pattern, loaded, project)))
        none.push(told.pattern);
      if (json) context.out(`${JSON.stringify({ playbook: file, play: index, ...told })}\n`);
      else context.out(renderPlay(told, index));
    }
  }
  if (none.length > 0) throw noHosts(none.join(", "), { ...project, limit: undefined });
  if (options.listHosts && !some) throw noHosts("the plays", project);
  return exitCodes.fine;
}

function namesAny(pattern: string, { inventory }: { inventory: Inventory }, { files }: Project): boolean {
  return matchHosts(pattern, inventory, { readFile: reading(files) }).hosts.length > 0;
}

function reading(files: Project["files"]) {
  return (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined);
}

/** Prints what `ansible PATTERN --list-hosts` does; nothing matched is an error all the same. */
export async function listAdHoc(
  context: Context,
  pattern: string,
  project: Project,
  options: CommonOptions,
): Promise<number> {
  const { inventory } = await load(context, project, options);
  const show = (hosts: readonly string[]) => {
    if (wantsJson(options)) context.out(`${JSON.stringify({ pattern, hosts })}\n`);
    else context.out(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join("")}`);
  };
  try {
    const { hosts } = match(context, pattern, inventory, project);
    if (hosts.length === 0) throw noHosts(pattern, project);
    show(hosts);
    return exitCodes.fine;
  } catch (error) {
    if (error instanceof FlashfleetError && error.code === "no_hosts") show([]);
    throw error;
  }
}

/** A project as a run would have it, with the inventory that it would use. */
export async function load(
  context: Context,
  project: Project,
  options: CommonOptions,
): Promise<Loaded & { inventory: Inventory }> {
  const keyring = project.vault === undefined ? undefined : openedKeyring(project.vault.opened);
  const loaded = loadProject({ ...project, extraVars: Object.assign({}, ...project.extraVars), keyring });
  if (!loaded.ok) throw new ManyProblems(loaded.errors);
  for (const { place, message, hint } of loaded.project.warnings)
    warn(context, `${place === undefined ? "" : `${place}: `}${message}`, hint);
  return { ...loaded.project, inventory: loaded.project.inventory ?? (await inventoryOfController(context, options)) };
}

async function inventoryOfController(context: Context, options: CommonOptions): Promise<Inventory> {
  const nodes = await clientOf(context, options).get("/v1/nodes", z.array(NodeSummary));
  return inventoryOfNodes(nodes.map(({ node, labels }) => ({ id: node, labels })));
}

interface ToldPlay {
  name: string;
  pattern: string;
  tags: readonly string[];
  hosts?: readonly string[];
  tasks?: readonly { name: string; tags: readonly string[] }[];
  taskTags?: readonly string[];
}

function tell(
  context: Context,
  play: Play,
  { extraVars, inventory }: Loaded & { inventory: Inventory },
  project: Project,
  selection: TagSelection,
  { listHosts, listTasks, listTags }: ListOptions,
): ToldPlay {
  const groups = valueLayer({ groups: groupsVariable(inventory) });
  const scope = new Scope([compiledLayer(extraVars), compiledLayer(play.vars), groups]);
  const pattern = patternOf(play, scope);
  const tasks = programOf(play, false, selection).flatMap(tasksOf);
  return {
    name: play.name?.text ?? pattern,
    pattern,
    tags: play.tags,
    ...(listHosts ? { hosts: match(context, pattern, inventory, project).hosts } : {}),
    ...(listTasks ? { tasks } : {}),
    ...(listTags ? { taskTags: sorted([...play.tags, ...tasks.flatMap(({ tags }) => tags)]) } : {}),
  };
}

/** The tasks that run where nothing fails. */
function tasksOf(node: Node): { name: string; tags: readonly string[] }[] {
  if (node.is === "block") return node.tasks.flatMap(tasksOf);
  if (node.is !== "task" && node.is !== "include") return [];
  return [{ name: nameOf(node), tags: sorted(node.tags) }];
}

function nameOf(step: Extract<Step, { is: "task" | "include" }>): string {
  return `${step.role === undefined ? "" : `${step.role.name} : `}${step.name?.text ?? moduleOf(step)}`;
}

function sorted(tags: readonly string[]): string[] {
  return [...new Set(tags)].sort();
}

function renderPlay({ name, pattern, tags, hosts, tasks, taskTags }: ToldPlay, index: number): string {
  const lines = [`\n  play #${index + 1} (${pattern}): ${name}\tTAGS: [${tags.join(",")}]`];
  if (hosts !== undefined)
    lines.push(`    pattern: ['${pattern}']`, `    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`));
  if (tasks !== undefined)
    lines.push("    tasks:", ...tasks.map((task) => `      ${task.name}\tTAGS: [${task.tags.join(", ")}]`));
  if (taskTags !== undefined) lines.push(`      TASK TAGS: [${taskTags.join(", ")}]`);
  return `${lines.join("\n")}\n`;
}

function match(context: Context, pattern: string, inventory: Inventory, { files, limit }: Project): Matched {
  const matched = matchHosts(pattern, inventory, { limit, readFile: reading(files) });
  for (const { name, hint } of matched.unmatched)
    warn(context, `Could not match supplied host pattern, ignoring: ${name}`, hint);
  return matched;
}

function warn({ paint, say }: Context, message: string, hint: string | undefined): void {
  say(paint.warning(`[WARNING]: ${message}${hint === undefined ? "" : ` (${hint})`}\n`));
}

function noHosts(pattern: string, { limit }: Project): FlashfleetError {
  const within = limit === undefined ? "" : ` within the limit ${limit}`;
  return new FlashfleetError("no_hosts", `no host matches ${pattern}${within}`, {
    hint: "flashfleet inventory --graph shows groups and hosts",
  });
}
