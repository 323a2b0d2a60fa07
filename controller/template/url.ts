import { excerpt, Refusal } from "./value.ts";

/** The parts of a URL as Python's `urlsplit` finds them; it takes nearly any text. */
export interface UrlParts {
  scheme: string;
  netloc: string;
  path: string;
  query: string;
  fragment: string;
}

/** Takes a URL apart. Throws a Refusal for an address in brackets that never ends. */
export function splitUrl(text: string): UrlParts {
  const url = text.replace(/^[\0-\x20]+/, "").replaceAll(/[\t\n\r]/g, "");
  const [, scheme, behind = url] = /^([A-Za-z][A-Za-z0-9+.-]*):([\s\S]*)$/.exec(url) ?? [];
  const [, netloc = "", rest = behind] = /^\/\/([^/?#]*)([\s\S]*)$/.exec(behind) ?? [];
  if (netloc.includes("[") !== netloc.includes("]"))
    throw new Refusal(`${excerpt(text)} is no URL: a bracket stands alone`);
  const hash = rest.indexOf("#");
  const before = hash < 0 ? rest : rest.slice(0, hash);
  const mark = before.indexOf("?");
  return {
    scheme: scheme?.toLowerCase() ?? "",
    netloc,
    path: mark < 0 ? before : before.slice(0, mark),
    query: mark < 0 ? "" : before.slice(mark + 1),
    fragment: hash < 0 ? "" : rest.slice(hash + 1),
  };
}

/** Who, where and at which port: the parts of a URL's `netloc`; null where it does not say. */
export function splitNetloc(netloc: string) {
  const at = netloc.lastIndexOf("@");
  const user = at < 0 ? undefined : netloc.slice(0, at);
  const colon = user?.indexOf(":") ?? -1;
  const host = netloc.slice(at + 1);
  const [, bracketed, plain = "", digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(host) ?? [];
  if (digits !== undefined && digits !== "" && !(/^\d+$/.test(digits) && Number(digits) <= 65535))
    throw new Refusal(`${excerpt(digits)} is no port`);
  return {
    hostname: (bracketed ?? plain).toLowerCase() || null,
    port: digits === undefined || digits === "" ? null : Number(digits),
    username: user === undefined ? null : colon < 0 ? user : user.slice(0, colon),
    password: user === undefined || colon < 0 ? null : user.slice(colon + 1),
  };
}
