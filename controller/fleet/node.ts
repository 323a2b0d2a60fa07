import type { Session } from "../../shared/identity/session.ts";
import type { Hello } from "../../shared/protocol/hello.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Report } from "../../shared/protocol/report.ts";

/** A node as the controller knows it. */
export interface FleetNode {
  id: NodeId;
  hello: Hello;
  session: Session;
  /** Its last report; undefined until the first. */
  report: Report | undefined;
  /** When anything was heard of it, on the controller's monotonic clock. */
  heardAt: number;
  /** The generation of its spec, as last heard. */
  generation: number;
}

/** Milliseconds of silence after which nothing is known of a node: two heartbeats and a half. */
export const silentAfter = 12_500;
