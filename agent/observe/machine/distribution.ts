/** What a distribution calls itself, in Ansible's words. */
export interface Distribution {
  distribution: string;
  distribution_version: string;
  distribution_major_version: string;
  distribution_release: string;
  os_family: string;
}

/** os-release(5)'s ID, and what Ansible makes of it: the name, and the family where it is not the name. */
const names: Readonly<Record<string, readonly [name: string, family?: string]>> = {
  almalinux: ["AlmaLinux", "RedHat"],
  alpine: ["Alpine"],
  amzn: ["Amazon", "RedHat"],
  arch: ["Archlinux"],
  centos: ["CentOS", "RedHat"],
  debian: ["Debian"],
  fedora: ["Fedora", "RedHat"],
  gentoo: ["Gentoo"],
  kali: ["Kali", "Debian"],
  linuxmint: ["Linux Mint", "Debian"],
  ol: ["OracleLinux", "RedHat"],
  "opensuse-leap": ["openSUSE Leap", "Suse"],
  "opensuse-tumbleweed": ["openSUSE Tumbleweed", "Suse"],
  raspbian: ["Debian"],
  rhel: ["RedHat"],
  rocky: ["Rocky", "RedHat"],
  sles: ["SLES", "Suse"],
  ubuntu: ["Ubuntu", "Debian"],
};

/** Its own files know more of the version than os-release does: of Debian 12 that it is 12.11. */
export const versionFiles: Readonly<Record<string, string>> = {
  centos: "/etc/centos-release",
  debian: "/etc/debian_version",
};

/** os-release(5): names with their values, quotes taken off. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const rows = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:"([^"\n]*)"|'([^'\n]*)'|(\S*))\s*$/gm)];
  return Object.fromEntries(rows.map(([, name = "", double, single, bare]) => [name, double ?? single ?? bare ?? ""]));
}

/** `more`: the text of the distribution's own version file. Undefined where os-release has no ID. */
export function distributionOf(
  release: Readonly<Record<string, string>>,
  more: string | undefined,
): Distribution | undefined {
  const {
    ID: id = "",
    ID_LIKE: like = "",
    NAME: title = "",
    VERSION: version = "",
    PRETTY_NAME: pretty = "",
  } = release;
  if (id === "") return undefined;
  const [name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`, family] = names[id] ?? [];
  const parent = like.split(" ").find((each) => Object.hasOwn(names, each)) ?? "";
  const full = versionIn(id, more) ?? release.VERSION_ID ?? "NA";
  const codename =
    (id === "debian" ? /\(([^)]+)\)/.exec(pretty)?.[1] : undefined) ??
    (id === "centos" && title.includes("Stream") ? "Stream" : undefined) ??
    release.VERSION_CODENAME ??
    /\((\D+)\)/.exec(version)?.[1];
  return {
    distribution: name,
    distribution_version: full,
    distribution_major_version: full.split(".")[0] ?? full,
    distribution_release: codename === undefined || codename === "" ? "NA" : codename,
    os_family: names[id] === undefined ? (names[parent]?.[1] ?? names[parent]?.[0] ?? name) : (family ?? name),
  };
}

function versionIn(id: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (id === "debian") return text.trim() || undefined;
  return /\d+(\.\d+)?/.exec(text)?.[0];
}
