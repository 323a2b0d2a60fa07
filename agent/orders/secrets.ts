import { FlashfleetError } from "../../shared/errors.ts";
import { openSecrets } from "../../shared/identity/seal.ts";
import { isSecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import { ActionBody, type OpenBody, type Order } from "../../shared/protocol/order.ts";
import type { Store } from "../store/store.ts";
import type { Job } from "./orders.ts";

/** Values by `<secret>@<version>`. */
export type Secrets = Readonly<Record<string, string>>;

/** What came sealed with an order for the node to keep. Throws `key_missing` where it was sealed for another session or call. */
export function secretsOf(order: Order, job: Pick<Job, "session">): Secrets {
  return order.body.do === "sealed_action" ? {} : openedBox(order, job);
}

/** What an order asks for, opened. Throws `key_missing`, or `bad_message` for a box without a body. */
export function openBody(order: Order, job: Pick<Job, "session">): OpenBody {
  const { body } = order;
  if (body.do !== "sealed_action") return body;
  const { body: text } = openedBox(order, job);
  if (text === undefined) throw new FlashfleetError("bad_message", `cannot take order ${order.id}: its box is empty`);
  return ActionBody.parse(JSON.parse(text));
}

function openedBox(order: Order, { session }: Pick<Job, "session">): Secrets {
  if (order.secrets === undefined) return {};
  const given = [...openSecrets(session, order.id, order.secrets)];
  return Object.fromEntries(given.map(([name, value]) => [name, value.reveal()]));
}

/** Secrets stay on the node (0600), so that it can restore its exports and connections after a boot without a controller. */
export async function keepSecrets(store: Store, given: Secrets): Promise<void> {
  const has = store.secrets.get();
  if (Object.entries(given).every(([name, value]) => has[name] === value)) return;
  await store.secrets.set({ ...has, ...given });
}

/** The values that no entry of the spec refers to any more leave the disk. */
export async function forgetSecrets(store: Store): Promise<void> {
  const has = Object.entries(store.secrets.get());
  if (has.length === 0) return;
  const needed = new Set(
    Object.values(store.spec.get().entries).flatMap(({ resource }) =>
      Object.values(resource).flatMap((value) => (isSecretRef(value) ? [`${value.secret}@${value.version}`] : [])),
    ),
  );
  const kept = has.filter(([name]) => needed.has(name));
  if (kept.length < has.length) await store.secrets.set(Object.fromEntries(kept));
}
