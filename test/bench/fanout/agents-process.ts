import { createHmac, timingSafeEqual } from "node:crypto";
import type { NatsBus } from "../../../shared/bus/nats.ts";
import { startAgents } from "../agents.ts";
import { makeFleet } from "../model-fleet.ts";
import { AgentsHear, AgentsTask, floorSubject, macLength, type Traffic } from "./messages.ts";

const beginAtOnce = 50;

/** Agents on model nodes, each with a connection of its own, which answers the requests of the floor too. */
const task = AgentsTask.parse(JSON.parse(process.argv[2] ?? ""));
const key = Buffer.from(task.key, "base64url");
const buses: NatsBus[] = [];
let answer: Uint8Array = new Uint8Array(1);

function answerFloor(node: string, { connection }: NatsBus): void {
  connection.subscribe(floorSubject(node), {
    callback: (error, { data, reply }) => {
      if (error !== null || reply === undefined) return;
      const given = Buffer.from(Buffer.from(data.buffer, data.byteOffset, macLength).toString("latin1"), "base64url");
      const actual = createHmac("sha256", key).update(data.subarray(macLength)).digest();
      if (timingSafeEqual(given, actual)) connection.publish(reply, answer);
    },
  });
}

function traffic(): Traffic {
  const all = { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };
  for (const { connection } of buses) {
    const { inMsgs, inBytes, outMsgs, outBytes } = connection.stats();
    all.inMsgs += inMsgs;
    all.inBytes += inBytes;
    all.outMsgs += outMsgs;
    all.outBytes += outBytes;
  }
  return all;
}

process.on("message", (message) => {
  const heard = AgentsHear.parse(message);
  if (heard.do === "answer") answer = new Uint8Array(heard.bytes).fill(32);
  else process.send?.({ is: "traffic", traffic: traffic() });
});
process.on("disconnect", () => process.exit(0));

const fleet = makeFleet(task.count, task.drives, task.first);
// Agents that share a process are all slow to hear while many of them begin: the next ones wait until these are welcomed.
for (let from = 0; from < fleet.length; from += beginAtOnce) {
  await startAgents(fleet.slice(from, from + beginAtOnce), task.server, (node, bus) => {
    buses.push(bus);
    answerFloor(node, bus);
  });
}
process.send?.({ is: "ready" });
