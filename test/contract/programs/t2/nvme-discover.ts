import {
  type DiscoveryRecord,
  decodeHeader,
  decodeRecord,
  recordSize,
} from "../../../../shared/nvme/discovery/log-page.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import type { Words } from "./world.ts";

const discoveryPage = 0x70;
/** The original cuts what it prints. */
const longest = 1500;

/** As `nvme discover -o json` does and prints it: a discovery controller is made for it, and taken back. */
export async function nvmeDiscover(words: Words): Promise<string> {
  const said = await words.C(discoveryNqn);
  const [, instance] = /^ok:instance=(\d+)/.exec(said) ?? [];
  if (instance === undefined) return `failed to add controller, error ${said}`;
  const { machine } = words.lib;
  const name = `nvme${instance}`;
  const header = decodeHeader(await machine.readLogPage(name, discoveryPage, recordSize));
  const page = await machine.readLogPage(name, discoveryPage, recordSize * (header.records + 1));
  await words.dele(name);
  const records = Array.from({ length: header.records }, (_, index) =>
    entryOf(decodeRecord(page.subarray(recordSize * (index + 1), recordSize * (index + 2)))),
  );
  const text = JSON.stringify({ genctr: Number(header.generation), records }, null, 2);
  return text.replace(/^( *"[a-z]+"): /gm, "$1:").slice(0, longest);
}

function entryOf({
  transport,
  addressFamily,
  subtype,
  treq,
  portId,
  serviceId,
  nqn,
  address,
  sectype,
}: DiscoveryRecord) {
  return {
    trtype: transport,
    adrfam: addressFamily,
    subtype: subtype === "nvm" ? "nvme subsystem" : `${subtype} subsystem`,
    treq: `${treq}${subtype === "referral" ? "" : ", sq flow control disable supported"}`,
    portid: portId,
    trsvcid: serviceId,
    subnqn: nqn,
    traddr: address,
    eflags: "none",
    sectype,
  };
}
