import { openSecrets } from "../../shared/identity/seal.ts";
import { isSecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Order } from "../../shared/protocol/order.ts";
import type { Store } from "../store/store.ts";
import type { Job } from "./orders.ts";

/** Values by `<secret>@<version>`. */
export type Secrets = Readonly<Record<string, string>>;

/** What came sealed with an order. Throws `key_missing` where it was sealed for another session or call. */
export function secretsOf(order: Order, { session }: Pick<Job, "session">): Secrets {
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
  const needed = new Set(
    Object.values(store.spec.get().entries).flatMap(({ resource }) =>
      Object.values(resource).flatMap((value) => (isSecretRef(value) ? [`${value.secret}@${value.version}`] : [])),
    ),
  );
  const has = Object.entries(store.secrets.get());
  const kept = has.filter(([name]) => needed.has(name));
  if (kept.length < has.length) await store.secrets.set(Object.fromEntries(kept));
}
