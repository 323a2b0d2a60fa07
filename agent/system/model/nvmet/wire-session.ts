import {
  acceptsIcReq,
  type Command,
  decodeCommand,
  encodeCompletion,
  encodeData,
  encodeIcResp,
  properties,
} from "../../../../shared/nvme/discovery/codec.ts";
import { encodeLogPage } from "../../../../shared/nvme/discovery/log-page.ts";
import { append, type Pdu, pduTypes, takePdu, viewOf } from "../../../../shared/nvme/discovery/pdu.ts";
import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { writeText } from "../../../../shared/nvme/discovery/text.ts";
import type { Incoming } from "../network.ts";
import { type Admission, admit } from "./admit.ts";
import type { Nvmet } from "./core.ts";
import { discoveryLog } from "./discovery-log.ts";
import type { Port } from "./state.ts";

const discoveryPage = 0x70;
const identifySize = 4096;
/** Controller capabilities as a Linux target of 6.12 gives them. */
const capabilities = 8933783634943n;
/** The error log has more about this status. */
const moreInformation = 0x2000;
/** Connect errors say where the wrong parameter is: in the data, at this offset. */
const wrongParameter = { subsystem: (1n << 16n) | 256n, host: (1n << 16n) | 512n } as const;
const authenticationRequired = 1n << 17n;
const enable = 1n;
const shutDown = 0xc000n;

/** A refused command: its status and, for Connect, where the fault is. */
interface Answer {
  status: number;
  result?: bigint;
  data?: Uint8Array;
}

/** Speaks NVMe/TCP as far as a discovery goes: an admin queue with Connect, properties, Identify and the log page. */
export function serveWire(nvmet: Nvmet, port: Port, { stream, local }: Incoming): void {
  let buffer: Uint8Array = new Uint8Array();
  let initialised = false;
  let admission: Admission | undefined;
  let configuration = 0n;

  stream.on("error", () => {});
  stream.on("close", () => admission && nvmet.controllers.remove(admission.controller));
  stream.on("end", () => stream.destroy());
  stream.on("data", (chunk: Uint8Array) => {
    buffer = append(buffer, chunk);
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
      if (!acceptsIcReq(pdu)) return void stream.destroy();
      initialised = true;
      return void stream.write(encodeIcResp());
    }
    if (pdu.type !== pduTypes.command) return void stream.destroy();
    const command = decodeCommand(pdu);
    const { status, result = 0n, data } = answer(command);
    if (data !== undefined) stream.write(encodeData(command.id, data));
    stream.write(encodeCompletion({ id: command.id, result, status }));
  }

  function answer(command: Command): Answer {
    if (command.is === "connect") return connect(command);
    if (admission === undefined) return { status: statuses.invalidOpcode | doNotRetry };
    if (command.is === "property set") return set(command);
    if (command.is === "property get") return get(command);
    if ((configuration & enable) === 0n) return { status: statuses.invalidOpcode | moreInformation | doNotRetry };
    if (command.is === "identify") return identify(admission);
    if (command.is === "get log page") return logPage(admission, command);
    return { status: statuses.invalidOpcode | doNotRetry };
  }

  function connect({ data, queueId }: Extract<Command, { is: "connect" }>): Answer {
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
    const keyed = admitted.key === undefined ? 0n : authenticationRequired;
    return { status: 0, result: BigInt(admitted.controller.cntlid) | keyed };
  }

  function set({ offset, value }: Extract<Command, { is: "property set" }>): Answer {
    if (offset !== properties.configuration) return { status: statuses.invalidField | doNotRetry };
    configuration = value;
    return { status: 0 };
  }

  function get({ offset }: Extract<Command, { is: "property get" }>): Answer {
    const values: Readonly<Record<number, bigint>> = {
      [properties.capabilities]: capabilities,
      [properties.version]: 0x10300n,
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
    writeText(data, 24, 40, (subsystem?.model ?? "Linux").padEnd(40));
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
    if (!known || offset % 4 !== 0 || offset > page.length) {
      return { status: statuses.invalidField | moreInformation | doNotRetry };
    }
    const data = new Uint8Array(command.length);
    data.set(page.subarray(offset, offset + command.length));
    return { status: 0, data };
  }
}
