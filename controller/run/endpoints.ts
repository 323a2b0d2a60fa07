import * as z from "zod";
import type { OpenBody } from "../../shared/protocol/order.ts";
import type { Entry } from "../../shared/protocol/spec.ts";

const Endpoint = z.object({ transport: z.string(), address: z.string(), service_id: z.string() });
/** Where a target is reached, as orders name it. */
export type Endpoint = z.infer<typeof Endpoint>;

/** The addresses of targets that an order names. */
export function endpointsIn(body: OpenBody): Endpoint[] {
  const named =
    body.do === "action" ? [body.arguments] : body.do === "converge" ? endpointsOf(Object.values(body.edit.set)) : [];
  return named.flatMap((each) => Endpoint.safeParse(each).data ?? []);
}

/** And the entries of a spec. */
export function endpointsOf(entries: readonly Entry[]): Endpoint[] {
  const paths = entries.flatMap(({ resource }) => (Array.isArray(resource.paths) ? resource.paths : []));
  return paths.flatMap((each) => Endpoint.safeParse(each).data ?? []);
}
