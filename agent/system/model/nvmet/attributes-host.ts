import { DhchapHash, DhGroup } from "../../../../shared/nvme/dhchap.ts";
import type { Attributes } from "../configfs.ts";
import { Errno } from "../errno.ts";
import { startingWith } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import type { NvmetHost } from "./state.ts";

const when = (kernel: Kernel) => kernel.built.has("auth");

/** Hash ids: none, SHA-256, SHA-384, SHA-512. */
const lastHash = 3;

/** nvmet_auth_set_key: only the prefix and the hash id are looked at; a broken key makes connects fail later. */
function parseKey(text: string, kernel: Kernel): string {
  // Nothing, up to the end of the string.
  if (text.startsWith("\0") && kernel.does.keyClearsByNul) return "";
  const [, hash] = /^DHHC-1:(\d+)/.exec(text) ?? [];
  if (hash === undefined) throw new Errno("EINVAL");
  if (Number(hash) > lastHash) throw new Errno("EINVAL", `Invalid DH-HMAC-CHAP hash id ${Number(hash)}`);
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
