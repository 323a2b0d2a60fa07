import type { Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { chomp, parseBool, parseIn, parseNguid, parseUuid, u32 } from "../parse.ts";
import type { Nvmet } from "./core.ts";
import type { Namespace } from "./state.ts";

const anaGroups = 128;

function assertDisabled(namespace: Namespace, errno = "EBUSY"): void {
  if (namespace.backing !== undefined) throw new Errno(errno);
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
      const group = parseIn(text, u32);
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
      assertDisabled(namespace, "EINVAL");
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
    store: (namespace, text) => {
      assertDisabled(namespace);
      namespace.p2pmem = chomp(text);
    },
  },
  resv_enable: {
    when: ({ does }) => does.reservations,
    show: ({ reservations }) => (reservations ? "1" : "0"),
    store: (namespace, text, { kernel }) => {
      const reservations = parseBool(text, kernel);
      assertDisabled(namespace, "EINVAL");
      namespace.reservations = reservations;
    },
  },
  enable: {
    show: ({ backing }) => (backing === undefined ? "0" : "1"),
    store: (namespace, text, nvmet) => {
      if (parseBool(text, nvmet.kernel)) nvmet.enable(namespace);
      else nvmet.disable(namespace);
    },
  },
};
