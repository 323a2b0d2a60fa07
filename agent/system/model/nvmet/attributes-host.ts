import { DhchapHash, DhGroup } from "../../../../shared/nvme/dhchap.ts";
import type { Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { startingWith } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import type { NvmetHost } from "./state.ts";

const when = (kernel: Kernel) => kernel.built.has("auth");

/** auth.c: only the prefix and the hash id are looked at; a broken key makes connects fail later. */
function parseKey(text: string, kernel: Kernel): string {
  if (text === "\0" && kernel.does.keyClearsByNul) return "";
  const match = /^DHHC-1:(\d\d)/.exec(text);
  if (match === null || Number(match[1]) > 3) throw new Errno("EINVAL");
  return text.trimEnd();
}

export const hostAttributes: Attributes<NvmetHost, Nvmet> = {
  dhchap_key: {
    when,
    show: (host) => host.key,
    store: (host, text, { kernel }) => {
      host.key = parseKey(text, kernel);
    },
  },
  dhchap_ctrl_key: {
    when,
    show: (host) => host.ctrlKey,
    store: (host, text, { kernel }) => {
      host.ctrlKey = parseKey(text, kernel);
    },
  },
  dhchap_hash: {
    when,
    show: (host) => host.hash,
    store: (host, text) => {
      host.hash = startingWith(text, DhchapHash.options);
    },
  },
  dhchap_dhgroup: {
    when,
    show: (host) => host.dhgroup,
    store: (host, text) => {
      host.dhgroup = startingWith(text, DhGroup.options);
    },
  },
};
