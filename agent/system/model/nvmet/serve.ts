import type { Duplex } from "node:stream";
import { modelSessionByte } from "../fabric/messages.ts";
import type { Incoming } from "../network.ts";
import type { Nvmet } from "./core.ts";
import { serveModelHost } from "./model-session.ts";
import type { Port } from "./state.ts";
import { serveWire } from "./wire-session.ts";

/** Within so many milliseconds of accept(2) Linux 5.0 does not notice data: it looks at the socket only when more comes. */
const deaf = 10;

/** Answers who connected to a port: by its first byte a model initiator, or somebody who speaks NVMe/TCP. */
export function serve(nvmet: Nvmet, port: Port, incoming: Incoming): void {
  const { clock } = nvmet.machine;
  const accepted = clock.now();
  onFirstByte(incoming.stream, (byte) => {
    const early = clock.now() - accepted < deaf;
    if (byte === modelSessionByte) serveModelHost(nvmet, port, incoming);
    else serveWire(nvmet, port, incoming, early && !nvmet.kernel.does.earlyDataNoticed);
  });
}

/** Calls back with the first byte, which stays in the stream; never where the stream ends before. */
export function onFirstByte(stream: Duplex, then: (byte: number) => void): void {
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
