import { createHmac, randomBytes } from "node:crypto";
import { connectNatsBus } from "../../../shared/bus/nats.ts";
import { systemClock } from "../../../shared/clock.ts";
import { controller, inboxOf } from "../../../shared/protocol/subjects.ts";
import { Secret } from "../../../shared/secret.ts";
import { FloorStart, FloorTask, floorSubject, macLength } from "./messages.ts";

/** Sends what a controller would send, and hears what agents would answer, and nothing is done at either end. */
const { server, key } = FloorStart.parse(JSON.parse(process.argv[2] ?? ""));
const macKey = Buffer.from(key, "base64url");
const { connection } = await connectNatsBus({
  url: server.url,
  token: new Secret(server.token),
  name: "floor",
  principal: controller,
  clock: systemClock,
  random: Math.random,
  onBadMessage: ({ error }) => {
    throw error;
  },
});
const inbox = `${inboxOf(controller)}.floor`;
let heard: () => void = () => {};
connection.subscribe(inbox, { callback: () => heard() });

function send(node: string, body: Buffer): void {
  const mac = createHmac("sha256", macKey).update(body).digest("base64url");
  connection.publish(floorSubject(node), Buffer.concat([Buffer.from(mac, "latin1"), body]), { reply: inbox });
}

/** Resolves when every node has answered. */
function round({ nodes, forks, bytes }: FloorTask): Promise<void> {
  const body = randomBytes(Math.max(1, bytes - macLength));
  let next = 0;
  let answered = 0;
  const sendNext = () => {
    const node = nodes[next++];
    if (node !== undefined) send(node, body);
  };
  return new Promise((resolve) => {
    heard = () => {
      sendNext();
      if (++answered === nodes.length) resolve();
    };
    for (let under = 0; under < Math.min(forks, nodes.length); under++) sendNext();
  });
}

process.on("message", async (message) => {
  const task = FloorTask.parse(message);
  const began = performance.now();
  for (let time = 0; time < task.rounds; time++) await round(task);
  process.send?.({ is: "done", millis: performance.now() - began });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ is: "ready" });
