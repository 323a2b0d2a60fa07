import type { Duplex } from "node:stream";
import { modelSessionByte } from "../fabric/messages.ts";
import type { Incoming } from "../network.ts";
import type { Nvmet } from "./core.ts";
import { serveModelHost } from "./model-session.ts";
import type { Port } from "./state.ts";
import { serveWire } from "./wire-session.ts";

/** Answers who connected to a port: by its first byte a model initiator, or somebody who speaks NVMe/TCP. */
export function serve(nvmet: Nvmet, port: Port, incoming: Incoming): void {
  onFirstByte(incoming.stream, (byte) => {
    if (byte === modelSessionByte) serveModelHost(nvmet, port, incoming);
    else serveWire(nvmet, port, incoming);
  });
}

/** Calls back with the first byte, which stays in the stream; never where the stream ends before. */
function onFirstByte(stream: Duplex, then: (byte: number) => void): void {
  const ignore = () => {};
  const read = () => {
    const chunk: Buffer | null = stream.read();
    if (chunk === null) return;
    stream.off("readable", read).off("error", ignore);
    stream.unshift(chunk);
    then(chunk[0] ?? 0);
    stream.resume();
  };
  stream.on("error", ignore).on("readable", read);
  // Without data in between, nobody would notice the end.
  stream.once("end", () => stream.destroy());
}
