import type { Duplex } from "node:stream";
import { encodeLogPage } from "../../../../shared/nvme/discovery/log-page.ts";
import {
  type Connected,
  type ConnectRequest,
  FromHost,
  type FromTarget,
  MessageStream,
  type NamespaceView,
} from "../fabric/messages.ts";
import type { Incoming } from "../network.ts";
import { type Admission, admit, hostOf } from "./admit.ts";
import { Authentication, type Verdict } from "./authentication.ts";
import type { TargetController } from "./controllers.ts";
import type { Nvmet } from "./core.ts";
import { discoveryLog } from "./discovery-log.ts";
import { keepAlive, type TargetKeepAlive } from "./keep-alive.ts";
import { anaStateOn, type Namespace, type Port } from "./state.ts";

/** Serves one model initiator: its connect, its key, then its namespaces until the connection ends. */
export function serveModelHost(nvmet: Nvmet, port: Port, incoming: Incoming): void {
  const session = new HostSession(nvmet, port, incoming);
  session.begin(incoming.stream);
}

class HostSession {
  readonly #nvmet: Nvmet;
  readonly #port: Port;
  readonly #incoming: Incoming;
  #keepAlive: TargetKeepAlive | undefined;
  #messages: MessageStream<FromHost, FromTarget> | undefined;
  #admission: Admission | undefined;
  #authentication: Authentication | undefined;
  /** Of I/O, as many as the host asked for. */
  #queues = 0;
  #connected = false;
  #discoveryTold = false;

  constructor(nvmet: Nvmet, port: Port, incoming: Incoming) {
    this.#nvmet = nvmet;
    this.#port = port;
    this.#incoming = incoming;
  }

  begin(stream: Duplex): void {
    this.#messages = new MessageStream<FromHost, FromTarget>(
      stream,
      FromHost,
      (message) => this.#receive(message),
      () => {
        this.#keepAlive?.end();
        if (this.#admission !== undefined) this.#nvmet.release(this.#admission.controller);
      },
    );
  }

  #receive(message: FromHost): void {
    const admission = this.#admission;
    this.#keepAlive?.heard();
    if (message.is === "connect" && admission === undefined) this.#connect(message);
    else if (admission !== undefined && this.#isAboutKeys(admission, message)) return;
    else if (admission === undefined || !this.#connected) this.#messages?.close();
    else if (message.is === "rescan") this.#tellNamespaces();
    else if (message.is === "read log") this.#sendLog(admission.controller, message.id);
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
    this.#queues = request.queues;
    this.#keepAlive = keepAlive(this.#nvmet, this.#incoming.line, answer.controller, {
      timeout: request.keepAlive,
      every: request.keepAliveEvery,
    });
    // A Linux host goes on at once.
    this.#keepAlive.heard();
    this.#authentication = new Authentication(this.#nvmet, answer.controller.cntlid);
    if (answer.key === undefined) this.#welcome(answer.controller);
    else this.#pronounce(this.#authentication.begin(answer.key));
  }

  /** Whether it was; then it is answered. */
  #isAboutKeys({ controller }: Admission, message: FromHost): boolean {
    const authentication = this.#authentication;
    if (authentication === undefined) return false;
    if (message.is === "proof") this.#pronounce(authentication.prove(message.proof, message.nonce));
    else if (message.is === "distrust") this.#pronounce(authentication.distrust());
    else if (message.is === "authenticate" && this.#connected) {
      this.#pronounce(authentication.beginAnew(hostOf(controller)));
    } else if (message.is === "go on" && authentication.isProved && !this.#connected) this.#welcome(controller);
    else return false;
    return true;
  }

  #pronounce({ answer, fatal }: Verdict): void {
    if (answer !== undefined) this.#messages?.send(answer);
    if (fatal) this.#messages?.finish();
  }

  #welcome(controller: TargetController): void {
    this.#connected = true;
    this.#incoming.multiply?.(1 + Math.min(this.#queues, controller.subsystem?.qidMax ?? 0));
    if (controller.subsystem !== undefined) controller.subsystem.identified = true;
    this.#messages?.send(greeting(this.#nvmet, controller));
  }

  #refuse(message: FromTarget): void {
    this.#messages?.send(message);
    this.#messages?.finish();
  }

  #tellNamespaces(): void {
    if (!this.#connected || this.#admission === undefined) return;
    this.#messages?.send({ is: "namespaces", namespaces: namespacesOf(this.#admission.controller) });
  }

  /** Reading it, without RAE, lets the next change be told. */
  #sendLog(controller: TargetController, id: number): void {
    if (controller.subsystem !== undefined) return void this.#messages?.send({ is: "failed", id, why: "drive" });
    this.#discoveryTold = false;
    const records = discoveryLog(this.#nvmet, this.#port, controller.hostnqn, this.#incoming.local);
    const page = encodeLogPage(this.#nvmet.generation, records);
    this.#messages?.send({ is: "data", id, bytes: Buffer.from(page).toString("base64") });
  }

  /** Once: masked until the log is read. */
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
  const namespace = enabledOf(controller).find((each) => each.nsid === nsid);
  // nvmet_check_ana_state: the host tries another path.
  if (namespace !== undefined && !anaStateOn(controller.port, namespace).endsWith("optimized")) {
    return { is: "failed", id, why: "path" };
  }
  const backing = namespace?.backing;
  const bytes = message.is === "write" ? Buffer.from(message.bytes, "base64") : undefined;
  const length = message.is === "read" ? message.length : (bytes?.length ?? 0);
  try {
    if (backing === undefined || offset < 0 || length < 0 || offset + length > backing.size)
      return { is: "failed", id, why: "drive" };
    if (bytes === undefined) {
      return { is: "data", id, bytes: Buffer.from(await backing.io.read(offset, length)).toString("base64") };
    }
    await backing.io.write(offset, bytes);
    return { is: "stored", id };
  } catch {
    return { is: "failed", id, why: "drive" };
  }
}
