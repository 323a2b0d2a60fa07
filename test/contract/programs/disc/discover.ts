import { viewOf } from "../../../../shared/nvme/discovery/pdu.ts";
import type { Machine } from "../machine.ts";
import { type Printed, repr, str } from "../python.ts";
import {
  type Completion,
  type Connecting,
  connect,
  getLog,
  getProperty,
  identify,
  initialise,
  type Outcome,
  printed,
  printedCompletion,
  recordOf,
  setProperty,
} from "./commands.ts";
import { Wire } from "./wire.ts";

type Log = (...values: Printed[]) => void;

export const address = "127.0.0.1";
export const discoveryPort = 8009;
const discoveryPage = 0x70;
const recordSize = 1024;

/** A discovery from beginning to end (disc.py), with each step told to `log`: the records, or how Connect failed. */
export async function discover(
  machine: Machine,
  host: Connecting,
  log: Log,
): Promise<{ refused: Completion } | { records: Map<string, Printed>[] }> {
  const wire = await Wire.open(machine, address, discoveryPort);
  log("icresp", await initialise(wire));
  const connected = await connect(wire, host);
  log(`connect res=${repr(printedCompletion(connected.completion))}`, connected.came);
  if (connected.completion.status !== 0) {
    wire.close();
    return { refused: connected.completion };
  }
  log("CAP", printed(await getProperty(wire, 0, 8)));
  log("VS", printed(await getProperty(wire, 8)));
  log("CC.EN=1 set", printed(await setProperty(wire, 0x14, 0x00460001n)));
  log("CSTS", printed(await getProperty(wire, 0x1c)));
  log(...identified(await identify(wire)));
  const records = await readLog(wire, log);
  for (const record of records) log("ENTRY", record);
  log("CC.SHN set", printed(await setProperty(wire, 0x14, 0x00464001n)));
  log("CSTS", printed(await getProperty(wire, 0x1c)));
  wire.close();
  return { records };
}

function identified({ completion, data, came }: Outcome): Printed[] {
  const view = viewOf(data);
  const hex = (at: number) => `0x${view.getUint32(at, true).toString(16)}`;
  let end = 1024;
  while (end > 768 && data[end - 1] === 0) end--;
  return [
    ...["identify", printedCompletion(completion), came, "cntrltype", view.getUint8(111), "lpa", view.getUint8(261)],
    ...["sgls", hex(536), "ioccsz", view.getUint32(1792, true), "subnqn", data.subarray(768, end)],
    ...["mn", data.subarray(24, 64), "maxcmd", view.getUint16(514, true), "oaes", hex(92)],
    ...["kas", view.getUint16(320, true)],
  ];
}

async function readLog(wire: Wire, log: Log): Promise<Map<string, Printed>[]> {
  const header = await getLog(wire, discoveryPage, 0, recordSize);
  log("log hdr", printedCompletion(header.completion), header.came);
  const view = viewOf(header.data);
  const count = view.getBigUint64(8, true);
  log("genctr", view.getBigUint64(0, true), "numrec", count, "recfmt", view.getUint16(16, true));
  const records: Map<string, Printed>[] = [];
  for (let index = 1; index <= count; index++) {
    const { data } = await getLog(wire, discoveryPage, recordSize * index, recordSize);
    records.push(recordOf(data));
  }
  const again = await getLog(wire, discoveryPage, 0, 16);
  log("recheck genctr", viewOf(again.data).getBigUint64(0, true), printedCompletion(again.completion));
  return records;
}

/** As `' '.join(str(value) for value in values)`. */
export function joined(values: readonly Printed[]): string {
  return values.map(str).join(" ");
}
