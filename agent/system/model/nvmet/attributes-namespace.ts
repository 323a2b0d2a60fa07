import type { Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { chomp, parseBool, parseInteger, parseNguid, parseUuid, u32 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import type { Namespace } from "./state.ts";

const anaGroups = 128;

function assertDisabled(namespace: Namespace, refusal: { errno: string; says?: string } = { errno: "EBUSY" }): void {
  if (namespace.backing !== undefined) throw new Errno(refusal.errno, refusal.says);
}

/** pci_p2pdma_enable_store: a machine that has such memory is not modelled, so no device has it either. */
function parseP2pmem(text: string, kernel: Kernel): string {
  // 0000:01:00.1 is not meant as a 0.
  if (/^[01][^\p{Cc}]/u.test(text)) throw noDevice(text);
  try {
    return parseBool(text, kernel) ? "1" : "0";
  } catch {
    throw noDevice(text);
  }
}

function noDevice(text: string): Errno {
  return new Errno("ENODEV", `No such PCI device: ${chomp(text)}`);
}

export const namespaceAttributes: Attributes<Namespace, Nvmet> = {
  device_path: {
    show: ({ path }) => path ?? "(null)",
    store: (namespace, text) => {
      assertDisabled(namespace);
      const [path = ""] = text.split("\n");
      if (path === "") throw new Errno("EINVAL");
      namespace.path = path;
    },
  },
  device_uuid: {
    show: ({ uuid }) => uuid,
    store: (namespace, text) => {
      assertDisabled(namespace);
      namespace.uuid = parseUuid(text);
    },
  },
  device_nguid: {
    show: ({ nguid }) => nguid,
    store: (namespace, text) => {
      assertDisabled(namespace);
      namespace.nguid = parseNguid(text);
    },
  },
  ana_grpid: {
    show: ({ anaGroup }) => String(anaGroup),
    store: (namespace, text, nvmet) => {
      const group = parseInteger(text, u32);
      if (group < 1 || group > anaGroups) throw new Errno("EINVAL");
      // array_index_nospec clamps against the number of groups, not against the last id.
      namespace.anaGroup = group === anaGroups && nvmet.kernel.does.anaGroup128IsZero ? 0 : group;
      nvmet.controllers.tell(namespace.subsystem);
    },
  },
  buffered_io: {
    show: ({ buffered }) => (buffered ? "1" : "0"),
    store: (namespace, text, { kernel }) => {
      const buffered = parseBool(text, kernel);
      assertDisabled(namespace, { errno: "EINVAL", says: "disable ns before setting buffered_io value." });
      namespace.buffered = buffered;
    },
  },
  revalidate_size: {
    when: ({ does }) => does.revalidateSize,
    store: (namespace, text, nvmet) => {
      if (!parseBool(text, nvmet.kernel)) throw new Errno("EINVAL");
      nvmet.revalidate(namespace);
    },
  },
  p2pmem: {
    when: ({ built }) => built.has("p2pdma"),
    show: ({ p2pmem }) => p2pmem,
    store: (namespace, text, { kernel }) => {
      assertDisabled(namespace);
      namespace.p2pmem = parseP2pmem(text, kernel);
    },
  },
  resv_enable: {
    when: ({ does }) => does.reservations,
    show: ({ reservations }) => (reservations ? "1" : "0"),
    store: (namespace, text, { kernel }) => {
      const reservations = parseBool(text, kernel);
      assertDisabled(namespace, { errno: "EINVAL", says: `the ns:${namespace.nsid} is already enabled.` });
      namespace.reservations = reservations;
    },
  },
  enable: {
    show: ({ backing }) => (backing === undefined ? "0" : "1"),
    store: (namespace, text, nvmet, caller) => {
      if (parseBool(text, nvmet.kernel)) nvmet.enable(namespace, caller);
      else nvmet.disable(namespace);
    },
  },
};
