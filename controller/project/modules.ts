import * as z from "zod";
import type { ActionName } from "../../shared/modules/actions/actions.ts";
import { actionNames, actions, isActionName } from "../../shared/modules/actions/actions.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import { isKindName, kindNames, kinds } from "../../shared/modules/kinds/kinds.ts";
import { VolumeArguments } from "../pairing/volume-arguments.ts";

/** `volume`: an item of a pair play; tasks cannot name it. */
export type ModuleName = KindName | ActionName | "volume";

export const moduleNames: readonly (KindName | ActionName)[] = [...kindNames, ...actionNames];

/** Names that Ansible has for what has another one here. */
const otherNames: Readonly<Record<string, ActionName>> = { systemd: "systemd_service", yum: "dnf" };

/** Modules that Ansible keeps in collections of their own. */
const collections: Readonly<Record<string, readonly string[]>> = {
  "ansible.posix": ["mount", "sysctl"],
  "community.general": ["filesystem"],
};

/** Without the collection before it, where that has such a module; those of long ago are Ansible's own too. */
function shortName(name: string): string {
  const [, collection = "", short = ""] = /^(\w+\.\w+)\.(\w+)$/.exec(name) ?? [];
  if (collection === "ansible.builtin" || collection === "ansible.legacy") return short;
  const has = Object.hasOwn(collections, collection) ? collections[collection] : undefined;
  return has?.includes(short) ? short : name;
}

/** What a name in a playbook means as a module; `ansible.builtin.` before it changes nothing. */
export function findModule(
  name: string,
): { is: "kind"; name: KindName } | { is: "action"; name: ActionName } | undefined {
  const short = shortName(name);
  if (isKindName(short)) return { is: "kind", name: short };
  const other = Object.hasOwn(otherNames, short) ? otherNames[short] : undefined;
  if (other !== undefined) return { is: "action", name: other };
  return isActionName(short) ? { is: "action", name: short } : undefined;
}

export function schemaOf(name: ModuleName): z.ZodObject {
  if (name === "volume") return VolumeArguments;
  return isKindName(name) ? kinds[name].schema : actions[name].schema;
}

/** Arguments whose values are secrets. */
export function secretsOf(name: ModuleName): readonly string[] {
  return isKindName(name) ? kinds[name].secrets : [];
}

/** The argument that a bare text stands for, as in `command: uptime`. */
export function bareOf(name: ModuleName): string | undefined {
  if (name === "volume" || isKindName(name)) return undefined;
  const action: { bare?: string } = actions[name];
  return action.bare;
}

/** The names of arguments that may stand at a path below a module's arguments; none where it takes no mapping there. */
export function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.ZodType>> = inner.shape;
    if (key === undefined) return Object.keys(shape);
    const next = Object.hasOwn(shape, String(key)) ? shape[String(key)] : undefined;
    return next === undefined ? [] : namesAt(next, rest);
  }
  if (inner instanceof z.ZodArray && inner.element instanceof z.ZodType)
    return key === undefined ? [] : namesAt(inner.element, rest);
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)) return schema;
  const inner = schema.unwrap();
  return inner instanceof z.ZodType ? unwrap(inner) : schema;
}
