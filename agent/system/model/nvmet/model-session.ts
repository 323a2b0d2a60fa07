import type { Duplex } from "node:stream";
import { proofOf, proves } from "../fabric/dhchap.ts";
import {
  type Connected,
  type ConnectRequest,
  FromHost,
  type FromTarget,
  MessageStream,
  type NamespaceView,
} from "../fabric/messages.ts";
import type { Incoming } from "../network.ts";
import { hexOf } from "../random.ts";
import { type Admission, admit } from "./admit.ts";
import type { TargetController } from "./controllers.ts";
import type { Nvmet } from "./core.ts";
import { anaStateOn, type Namespace, type NvmetHost, type Port } from "./state.ts";

const nonceLength = 32;

/** Serves one model initiator: its connect, its key, then its namespaces until the connection ends. */
export function serveModelHost(nvmet: Nvmet, port: Port, { stream }: Incoming): void {
  const session = new HostSession(nvmet, port);
  session.begin(stream);
}

class HostSession {
  readonly #nvmet: Nvmet;
  readonly #port: Port;
  #messages: MessageStream<FromHost, FromTarget> | undefined;
  #admission: Admission | undefined;
  #nonce = "";
  #connected = false;
  #discoveryTold = false;

  constructor(nvmet: Nvmet, port: Port) {
    this.#nvmet = nvmet;
    this.#port = port;
  }

  begin(stream: Duplex): void {
    this.#messages = new MessageStream<FromHost, FromTarget>(
      stream,
      FromHost,
      (message) => this.#receive(message),
      () => {
        if (this.#admission !== undefined) this.#nvmet.controllers.remove(this.#admission.controller);
      },
    );
  }

  #receive(message: FromHost): void {
    const admission = this.#admission;
    if (message.is === "connect" && admission === undefined) this.#connect(message);
    else if (message.is === "proof" && admission?.key !== undefined && !this.#connected) {
      this.#prove(admission.key, admission.controller, message.proof, message.nonce);
    } else if (admission === undefined || !this.#connected) this.#messages?.close();
    else if (message.is === "rescan") this.#tellNamespaces();
    else if (message.is === "read" || message.is === "write") {
      void transfer(admission.controller, message).then((answer) => this.#messages?.send(answer));
    } else this.#messages?.close();
  }

  #connect(request: ConnectRequest): void {
    const answer = admit(this.#nvmet, this.#port, request, {
      shut: () => this.#messages?.close(),
      namespacesChanged: () => this.#tellNamespaces(),
      discoveryChanged: () => this.#tellDiscovery(),
    });
    if ("status" in answer) {
      this.#refuse({ is: "refused", status: answer.status });
      return;
    }
    this.#admission = answer;
    if (answer.key === undefined) {
      this.#welcome(answer.controller);
      return;
    }
    this.#nonce = hexOf(this.#nvmet.machine.random(nonceLength));
    this.#messages?.send({ is: "challenge", nonce: this.#nonce });
  }

  /** `back` is the host's own nonce, where it wants proof as well. */
  #prove(host: NvmetHost, controller: TargetController, proof: string, back: string | undefined): void {
    const unprovable = back !== undefined && host.ctrlKey === "";
    if (!proves(proof, host.key, this.#nonce) || (unprovable && this.#nvmet.kernel.does.ctrlKeyEnforced)) {
      this.#refuse({ is: "rejected" });
    } else if (back === undefined || unprovable) this.#welcome(controller);
    else this.#welcome(controller, proofOf(host.ctrlKey, back));
  }

  #welcome(controller: TargetController, proof?: string): void {
    this.#connected = true;
    if (controller.subsystem !== undefined) controller.subsystem.identified = true;
    this.#messages?.send({ ...greeting(this.#nvmet, controller), ...(proof === undefined ? {} : { proof }) });
  }

  #refuse(message: FromTarget): void {
    this.#messages?.send(message);
    this.#messages?.finish();
  }

  #tellNamespaces(): void {
    if (!this.#connected || this.#admission === undefined) return;
    this.#messages?.send({ is: "namespaces", namespaces: namespacesOf(this.#admission.controller) });
  }

  /** Once: masked until the log is read, which a model initiator's controller never does. */
  #tellDiscovery(): void {
    if (!this.#connected || this.#discoveryTold) return;
    this.#discoveryTold = true;
    this.#messages?.send({ is: "discovery changed" });
  }
}

function enabledOf({ subsystem }: TargetController): Namespace[] {
  return [...(subsystem?.namespaces ?? [])]
    .filter(({ backing }) => backing !== undefined)
    .sort((one, other) => one.nsid - other.nsid);
}

function namespacesOf(controller: TargetController): NamespaceView[] {
  return enabledOf(controller).map((namespace) => ({
    nsid: namespace.nsid,
    uuid: namespace.uuid,
    nguid: namespace.nguid,
    size: namespace.backing?.size ?? 0,
    anaGroup: namespace.anaGroup,
    anaState: anaStateOn(controller.port, namespace),
  }));
}

/** What Identify Controller says. */
function greeting({ kernel }: Nvmet, controller: TargetController): Connected {
  const { subsystem, port, cntlid } = controller;
  return {
    is: "connected",
    cntlid,
    kind: subsystem === undefined ? "discovery" : "io",
    tellsType: kernel.does.discoveryType,
    serial: wireSerial(subsystem?.serial ?? "", kernel.does.asciiSerial),
    model: subsystem?.model ?? "Linux",
    firmware: subsystem?.firmware ?? kernel.release.slice(0, 8),
    queues: subsystem === undefined ? 0 : subsystem.qidMax,
    queueSize: port.maxQueueSize < 0 ? 1024 : port.maxQueueSize,
    namespaces: namespacesOf(controller),
  };
}

/** Before 5.15 the serial is a u64 whose bytes a host sees in memory order, in hexadecimal. */
function wireSerial(serial: string, ascii: boolean): string {
  if (ascii || serial === "") return serial;
  return (serial.padStart(16, "0").match(/../g) ?? []).reverse().join("");
}

async function transfer(
  controller: TargetController,
  message: Extract<FromHost, { is: "read" | "write" }>,
): Promise<FromTarget> {
  const { id, nsid, offset } = message;
  const backing = enabledOf(controller).find((each) => each.nsid === nsid)?.backing;
  const bytes = message.is === "write" ? Buffer.from(message.bytes, "base64") : undefined;
  const length = message.is === "read" ? message.length : (bytes?.length ?? 0);
  try {
    if (backing === undefined || offset < 0 || length < 0 || offset + length > backing.size)
      return { is: "failed", id };
    if (bytes === undefined) {
      return { is: "data", id, bytes: Buffer.from(await backing.io.read(offset, length)).toString("base64") };
    }
    await backing.io.write(offset, bytes);
    return { is: "stored", id };
  } catch {
    return { is: "failed", id };
  }
}
