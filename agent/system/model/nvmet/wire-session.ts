import {
  acceptsIcReq,
  type Command,
  decodeCommand,
  encodeCompletion,
  encodeData,
  encodeIcResp,
  keepsData,
  lengthOf,
  properties,
  queueSizeOf,
} from "../../../../shared/nvme/discovery/codec.ts";
import { encodeLogPage } from "../../../../shared/nvme/discovery/log-page.ts";
import { append, type Pdu, pduTypes, takePdu, viewOf } from "../../../../shared/nvme/discovery/pdu.ts";
import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { writeText } from "../../../../shared/nvme/discovery/text.ts";
import type { Incoming } from "../network.ts";
import { hexOf } from "../random.ts";
import { type Admission, admit } from "./admit.ts";
import type { Nvmet } from "./core.ts";
import { discoveryLog } from "./discovery-log.ts";
import { keepAlive, type TargetKeepAlive } from "./keep-alive.ts";
import type { Port } from "./state.ts";

const fabricsOpcode = 0x7f;
const discoveryPage = 0x70;
const identifySize = 4096;
/** Controller capabilities (nvmet_init_cap): NVM commands, 7.5 s to get ready, and on newer kernels other command sets too. */
const capabilities = { common: (1n << 37n) | (15n << 24n), commandSets: 1n << 43n } as const;
/** The error log has more about this status. */
const moreInformation = 0x2000;
/** Connect errors say where the wrong parameter is: in the data, at this offset. */
const wrongParameter = { subsystem: (1n << 16n) | 256n, host: (1n << 16n) | 512n } as const;
const authenticationRequired = 1n << 17n;
const enable = 1n;
const shutDown = 0xc000n;

/** NVME_VS: `2.0.1` is 0x20001. */
function versionNumber(version: string): bigint {
  const [major = 0, minor = 0, tertiary = 0] = version.split(".").map(Number);
  return BigInt((major << 16) | (minor << 8) | tertiary);
}

/** A refused command: its status and, for Connect, where the fault is. */
interface Answer {
  status: number;
  result?: bigint;
  data?: Uint8Array;
}

/** As printk shows a pointer: hashed. */
function pointer({ machine }: Nvmet): string {
  return hexOf(machine.random(4)).padStart(16, "0");
}

/**
 * Speaks NVMe/TCP as far as a discovery goes: an admin queue with Connect, properties, Identify and the log page. `missed`: of
 * what came first the target learns only when more comes.
 */
export function serveWire(nvmet: Nvmet, port: Port, { stream, line, local }: Incoming, missed: boolean): void {
  let buffer: Uint8Array = new Uint8Array();
  let unnoticed = missed;
  let initialised = false;
  /** Of the submission queue, once there is one. */
  let queue = { size: 0, head: 0 };
  let admission: Admission | undefined;
  let alive: TargetKeepAlive | undefined;
  let configuration = 0n;

  stream.on("error", () => {});
  stream.on("close", () => {
    alive?.end();
    if (admission !== undefined) nvmet.controllers.remove(admission.controller);
  });
  stream.on("end", () => stream.destroy());
  stream.on("data", (chunk: Uint8Array) => {
    buffer = append(buffer, chunk);
    if (unnoticed) {
      unnoticed = false;
      return;
    }
    try {
      for (let taken = takePdu(buffer); taken !== undefined; taken = takePdu(buffer)) {
        buffer = taken.rest;
        receive(taken.pdu);
      }
    } catch {
      // Cut or senseless PDUs: Linux ends the connection, too.
      stream.destroy();
    }
  });

  function receive(pdu: Pdu): void {
    if (!initialised) {
      if (!acceptsIcReq(pdu)) {
        nvmet.say(`nvmet_tcp: queue 1: bad pfv ${viewOf(pdu.bytes).getUint16(8, true)}`);
        return void stream.destroy();
      }
      initialised = true;
      return void stream.write(encodeIcResp());
    }
    if (pdu.type !== pduTypes.command) return void stream.destroy();
    if (keepsData(pdu)) return;
    const command = decodeCommand(pdu);
    alive?.heard();
    const unfit = unfitness(pdu);
    const { status, result = 0n, data } = unfit ?? answer(command);
    if (unfit !== undefined) {
      const opcode = pdu.bytes[8] ?? 0;
      nvmet.say(
        `nvmet_tcp: failed cmd ${pointer(nvmet)} id ${command.id} opcode ${opcode}, data_len: ${lengthOf(pdu)}`,
      );
    }
    if (command.is === "connect" && status === 0) queue = { size: queueSizeOf(pdu), head: 0 };
    if (queue.size > 0) queue.head = (queue.head + 1) % queue.size;
    if (data !== undefined) stream.write(encodeData(command.id, data));
    stream.write(encodeCompletion({ id: command.id, head: queue.head, result, status }));
  }

  /** What is refused before it is looked into (nvmet_req_init). */
  function unfitness({ bytes }: Pdu): Answer | undefined {
    const [opcode = 0] = bytes.subarray(8);
    if (opcode === fabricsOpcode) return undefined;
    if (admission === undefined) {
      if (!nvmet.kernel.does.unconnectedUnlogged) {
        nvmet.say(`invalid command 0x${opcode.toString(16)} on unconnected queue.`);
      }
      return { status: statuses.invalidOpcode | doNotRetry };
    }
    if ((configuration & enable) !== 0n) return undefined;
    nvmet.say(`got cmd ${opcode} while not ready`);
    return { status: statuses.invalidOpcode | moreInformation | doNotRetry };
  }

  function answer(command: Command): Answer {
    if (command.is === "connect") return connect(command);
    if (admission === undefined) return { status: statuses.invalidOpcode | doNotRetry };
    if (command.is === "property set") return set(command);
    if (command.is === "property get") return get(command);
    if (command.is === "identify") return identify(admission);
    if (command.is === "get log page") return logPage(admission, command);
    return { status: statuses.invalidOpcode | doNotRetry };
  }

  function connect({ data, queueId, keepAlive: timeout }: Extract<Command, { is: "connect" }>): Answer {
    if (admission !== undefined || queueId !== 0) return { status: statuses.connectInvalidParameter | doNotRetry };
    const admitted = admit(nvmet, port, data, {
      shut: () => stream.destroy(),
      namespacesChanged: () => {},
      discoveryChanged: () => {},
    });
    if ("status" in admitted) {
      const { status } = admitted;
      const host = (status & 0x7ff) === statuses.connectInvalidHost;
      return { status, result: host ? wrongParameter.host : wrongParameter.subsystem };
    }
    admission = admitted;
    // Whatever it promises, nobody knows how often this host speaks: it is waited for from one command to the next.
    alive = keepAlive(nvmet, line, admitted.controller, { timeout, every: 0 });
    const keyed = admitted.key === undefined ? 0n : authenticationRequired;
    return { status: 0, result: BigInt(admitted.controller.cntlid) | keyed };
  }

  function set({ offset, value }: Extract<Command, { is: "property set" }>): Answer {
    if (offset !== properties.configuration) return { status: statuses.invalidField | doNotRetry };
    configuration = value;
    return { status: 0 };
  }

  function get({ offset }: Extract<Command, { is: "property get" }>): Answer {
    const { commandSetsOffered, version21 } = nvmet.kernel.does;
    const entries = BigInt(port.maxQueueSize - 1);
    const version = admission?.controller.subsystem?.version ?? (version21 ? "2.1" : "1.3");
    const values: Readonly<Record<number, bigint>> = {
      [properties.capabilities]: capabilities.common | entries | (commandSetsOffered ? capabilities.commandSets : 0n),
      [properties.version]: versionNumber(version),
      [properties.configuration]: configuration,
      // Ready while enabled; shut down once asked to.
      [properties.status]: configuration & shutDown ? 8n : configuration & enable,
    };
    const result = values[offset];
    return result === undefined ? { status: statuses.invalidField | doNotRetry } : { status: 0, result };
  }

  function identify({ controller }: Admission): Answer {
    const data = new Uint8Array(identifySize);
    const { subsystem } = controller;
    if (subsystem !== undefined) subsystem.identified = true;
    if (subsystem !== undefined || nvmet.kernel.does.discoveryModel) {
      writeText(data, 24, 40, (subsystem?.model ?? "Linux").padEnd(40));
    }
    const view = viewOf(data);
    // Events of the discovery log, extended log pages, commands in flight, SGLs: as recorded.
    view.setUint32(92, subsystem === undefined ? 0x80000000 : 0x00000900, true);
    data[261] = 4;
    view.setUint16(514, port.maxQueueSize, true);
    view.setUint32(536, 0x100001, true);
    if (nvmet.kernel.does.discoveryType) data[111] = subsystem === undefined ? 2 : 1;
    writeText(data, 768, 256, subsystem?.nqn ?? nvmet.discoveryNqn);
    return { status: 0, data };
  }

  function logPage({ controller }: Admission, command: Extract<Command, { is: "get log page" }>): Answer {
    const known = controller.subsystem === undefined && command.page === discoveryPage;
    const page = known
      ? encodeLogPage(nvmet.generation, discoveryLog(nvmet, port, controller.hostnqn, local))
      : new Uint8Array();
    const offset = Number(command.offset);
    const { discoveryLogBounded, discoveryErrorsLocated } = nvmet.kernel.does;
    const tooFar = offset > page.length && discoveryLogBounded;
    if (!known && !discoveryErrorsLocated) {
      nvmet.say(`unsupported get_log_page lid ${command.page}`);
      return { status: statuses.invalidOpcode | moreInformation | doNotRetry };
    }
    if (!known || offset % 4 !== 0 || tooFar) {
      return { status: statuses.invalidField | (discoveryErrorsLocated ? moreInformation : 0) | doNotRetry };
    }
    const data = new Uint8Array(command.length);
    data.set(page.subarray(offset, offset + command.length));
    return { status: 0, data };
  }
}
