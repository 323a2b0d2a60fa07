import { takeText } from "../take.ts";
import { excerpt, isList, Refusal, typeName, type Value } from "../value.ts";
import { formatAddress, highestOf } from "./address.ts";
import { formatNetwork, holds, type Network, parseNetwork } from "./network.ts";
import { type Asked, queries } from "./queries.ts";
import { addressAt } from "./usable.ts";

type Version = 4 | 6 | undefined;

/** Reads an address, a network or a number as the filters of addresses take it; undefined where it is none of them. */
export function readAddress(value: Value, version?: Version): Asked | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  if (/^\d+$/.test(text)) return value === 0 ? undefined : fromNumber(BigInt(text), version);
  const network = parseNetwork(text) ?? fromNumberWithPrefix(text);
  if (network === undefined) return undefined;
  const isNumber = /^\d+\//.test(text) && parseNetwork(text) === undefined;
  return { network, hasPrefix: text.includes("/"), written: isNumber ? formatNetwork(network) : text };
}

function fromNumber(value: bigint, version: Version): Asked | undefined {
  const found = value <= highestOf(4) && version !== 6 ? 4 : 6;
  if (value > highestOf(found)) return undefined;
  const network: Network = { version: found, value, prefix: found === 4 ? 32 : 128 };
  return { network, hasPrefix: false, written: formatNetwork(network) };
}

function fromNumberWithPrefix(text: string): Network | undefined {
  const [, digits, bits] = /^(\d{1,40})\/(\d{1,3})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const [value, prefix] = [BigInt(digits), Number(bits)];
  if (value <= highestOf(4) && prefix <= 32) return { version: 4, value, prefix };
  return value <= highestOf(6) && prefix <= 128 ? { version: 6, value, prefix } : undefined;
}

/** `value | ipaddr(query)`: false and null as Ansible's; of a list the answers that are true. */
export function askAddress(value: Value, query: string, version?: Version): Value {
  if (isList(value)) return value.map((item) => askAddress(item, query, version)).filter(isAnswer);
  const asked = readAddress(value, version);
  if (asked === undefined || (version !== undefined && asked.network.version !== version)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return false;
    throw new Refusal(`an address is text, a number or a list of them, got ${typeName(value)}`);
  }
  const known = Object.hasOwn(queries, query) ? queries[query] : undefined;
  if (known !== undefined) return known(asked);
  const outer = /^\d+$/.test(query) ? undefined : readAddress(query);
  if (outer !== undefined) return holds(outer.network, asked.network) ? asked.written : null;
  if (!/^-?\d+$/.test(query))
    throw new Refusal(
      `addresses cannot be asked for ${excerpt(query)}`,
      `they can be asked for ${Object.keys(queries).slice(1).join(", ")}, an index or a network`,
    );
  if (asked.network.prefix === (asked.network.version === 4 ? 32 : 128))
    return asked.hasPrefix ? formatNetwork(asked.network) : formatAddress(asked.network);
  const found = addressAt(asked.network, BigInt(query));
  return found === undefined ? false : `${found}/${asked.network.prefix}`;
}

/** Whether an answer counts: not nothing, false, zero or empty. */
export function isAnswer(answer: Value): boolean {
  return answer !== null && answer !== false && answer !== 0 && answer !== "";
}

/** The query that a filter was given: text, or a number for an index. */
export function takeQuery(value: Value | undefined): string {
  return value === undefined || value === null ? "" : takeText(value, "what is asked");
}
