import { intercept } from "../../agent/system/intercept.ts";
import type { ModelNodeOptions } from "../../agent/system/model/hardware.ts";
import { Timeline } from "../../agent/system/model/snapshot/timeline.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { type AgentNode, agentOn, modelNode } from "./agent-node.ts";

/** Time in which agents on model nodes wait for nothing. */
export function fastTime(): Timeline {
  return new Timeline(Date.UTC(2026, 0, 1));
}

interface DrivenOptions extends Partial<ModelNodeOptions> {
  id?: NodeId;
}

/** An agent on a model node in such a time: whatever it waits for is there at once, or late at once. */
export function drivenNode(timeline: Timeline, { id, ...options }: DrivenOptions = {}): AgentNode {
  const system = modelNode({ ...options, clock: timeline.background });
  return agentOn(system, {
    clock: timeline.foreground,
    ...(id === undefined ? {} : { id }),
    through: (model) =>
      intercept(model, {
        do: (op, deadline) => timeline.drive(model.do(op, deadline)),
        dial: (to, deadline) => timeline.drive(model.dial(to, deadline)),
        exec: async function* (command, deadline) {
          const outputs = model.exec(command, deadline)[Symbol.asyncIterator]();
          for (;;) {
            const next = await timeline.drive(outputs.next());
            if (next.done) return;
            yield next.value;
          }
        },
      }),
  });
}
