import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import {
  capsule,
  connect,
  entry,
  getLog,
  getProperty,
  icReq,
  initialise,
  printedCompletion,
  setProperty,
} from "../disc/commands.ts";
import { address, discover, discoveryPort, joined } from "../disc/discover.ts";
import { headerOf, PythonError, Wire } from "../disc/wire.ts";
import type { Lib } from "../lib.ts";
import { type Printed, Tuple } from "../python.ts";
import { A, hostid, hostnqn } from "./names.ts";

const own = { subsystem: discoveryNqn, hostnqn, hostid };
const other = {
  subsystem: discoveryNqn,
  hostnqn: "nqn.2024-01.other:h",
  hostid: "99999999-2222-4333-8444-555555555555",
};
const nobody = { subsystem: discoveryNqn, hostnqn: "", hostid: "00000000-0000-0000-0000-000000000000" };
const discoveryPage = 0x70;

/** What a target tells whom, and what it answers to commands that it should not get. The first exchange that fails ends it. */
export async function discovery(lib: Lib): Promise<void> {
  try {
    await logs(lib);
    await strangeCommands(lib);
    await strangeConnections(lib);
  } catch (error) {
    // Where a command is never answered, the recorded program says no more of this.
    if (!(error instanceof PythonError)) throw error;
  }
}

async function logs(lib: Lib): Promise<void> {
  const { machine } = lib;
  const T = lib.T.bind(lib);
  const D = (...values: Printed[]) => T("D", joined(values));
  const silent = () => {};
  await discover(machine, own, D);
  T("D2 other host", found(await discover(machine, other, silent)));
  const notAllowed = { ...other, subsystem: A };
  T("D3 connect to A as discovery-not allowed host", found(await discover(machine, notAllowed, D)));
  T("D4 unknown subsys", found(await discover(machine, { ...other, subsystem: "nope" }, D)));
  T("D5 zero hostid/empty hostnqn", found(await discover(machine, nobody, silent)));
}

function found(result: Awaited<ReturnType<typeof discover>>): Printed {
  if ("refused" in result) return printedCompletion(result.refused);
  return result.records.map((record) => new Tuple(record.get("subtype") ?? null, record.get("subnqn") ?? null));
}

async function strangeCommands(lib: Lib): Promise<void> {
  const T = lib.T.bind(lib);
  const open = () => Wire.open(lib.machine, address, discoveryPort);
  let wire = await open();
  await initialise(wire);
  T("getlog before connect", printedCompletion((await getLog(wire, discoveryPage, 0, 1024)).completion));
  wire.close();

  wire = await open();
  await initialise(wire);
  await connect(wire, own);
  T("getlog before CC.EN", printedCompletion((await getLog(wire, discoveryPage, 0, 1024)).completion));
  wire.close();

  wire = await open();
  await initialise(wire);
  await connect(wire, own);
  await setProperty(wire, 0x14, 1n);
  T("CC=1 only csts", printedCompletion((await getProperty(wire, 0x1c)).completion));
  const all = await getLog(wire, discoveryPage, 0, 8192);
  T("getlog 4096 at 0", new Tuple(printedCompletion(all.completion), all.came));
  T("getlog off>len", printedCompletion((await getLog(wire, discoveryPage, 1 << 20, 1024)).completion));
  T("getlog lid 1", printedCompletion((await getLog(wire, 1, 0, 512)).completion));
  T("getlog off unaligned", printedCompletion((await getLog(wire, discoveryPage, 2, 1024)).completion));
  wire.close();
}

async function strangeConnections(lib: Lib): Promise<void> {
  let wire = await Wire.open(lib.machine, address, discoveryPort);
  await icReq(wire, 1);
  lib.T("ICReq pfv=1", await answerTo(wire));
  wire.close();

  wire = await Wire.open(lib.machine, address, discoveryPort);
  await initialise(wire);
  wire.send(capsule(entry(0x7f, 1, { fctype: 1, sgl: { type: 0x5a, length: 1024 } }).bytes));
  const answer = await answerTo(wire);
  lib.T(`connect with transport SGL${answer instanceof Tuple ? " -> pdu" : ""}`, answer);
  wire.close();
}

async function answerTo(wire: Wire): Promise<Printed> {
  try {
    return headerOf(await wire.pdu());
  } catch (error) {
    if (error instanceof PythonError) return error.message;
    throw error;
  }
}
