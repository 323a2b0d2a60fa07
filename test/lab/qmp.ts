import type { Socket } from "node:net";
import * as z from "zod";
import type { Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { inTime, Lines } from "./lines.ts";

const WITHIN: Millis = 20_000;

const Message = z.union([
  z.object({ return: z.unknown(), id: z.number() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number().optional() }),
  z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ QMP: z.unknown() }),
]);

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A client of qemu's machine protocol (docs/interop/qmp-spec.txt of qemu): one command after another, and events. */
export class Qmp {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #last = 0;
  #lost: FlashfleetError | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const lines = new Lines("qemu's answers");
    socket.on("data", (piece) => lines.push(Buffer.from(piece)));
    socket.on("error", () => {});
    socket.on("close", () => lines.end());
    void this.#read(lines);
  }

  /** Ends the negotiation. After it qemu is up: its sockets listen. */
  async negotiate(): Promise<void> {
    await this.execute("qmp_capabilities");
  }

  /** @throws {FlashfleetError} `command_failed` with qemu's reason, `deadline` */
  async execute(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#lost !== undefined) throw this.#lost;
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    try {
      return await inTime(answer, WITHIN, `have qemu do ${command}`);
    } finally {
      this.#pending.delete(id);
    }
  }

  /** The next event that matches. Ask before the command that brings it about. */
  event(matches: (event: QmpEvent) => boolean, within: Millis = WITHIN): Promise<QmpEvent> {
    let listener: ((event: QmpEvent) => void) | undefined;
    const seen = new Promise<QmpEvent>((resolve) => {
      listener = (event) => {
        if (matches(event)) resolve(event);
      };
      this.#listeners.add(listener);
    });
    return inTime(seen, within, "see qemu's event").finally(() => listener && this.#listeners.delete(listener));
  }

  async #read(lines: Lines): Promise<void> {
    for await (const line of lines) {
      if (line !== "") this.#take(Message.parse(JSON.parse(line)));
    }
    this.#lost = new FlashfleetError("command_failed", "cannot speak with qemu: it has ended");
    for (const { reject } of this.#pending.values()) reject(this.#lost);
  }

  #take(message: z.infer<typeof Message>): void {
    if ("event" in message) {
      for (const listener of this.#listeners) listener(message);
    } else if ("error" in message) {
      const { desc } = message.error;
      const error = new FlashfleetError("command_failed", `cannot have qemu do it: ${desc}`);
      this.#pending.get(message.id ?? 0)?.reject(error);
    } else if ("return" in message) this.#pending.get(message.id)?.resolve(message.return);
  }
}
