/** Options of a mount as fstab gets them. */
export function fstabOptions(opts: string | undefined, { boot, remote }: { boot: boolean; remote: boolean }): string {
  const words = split(opts ?? "defaults");
  const add = (word: string) => {
    if (!words.includes(word)) words.push(word);
  };
  // Who names one of them has thought about the boot.
  const isDecided = words.includes("_netdev") || words.includes("nofail");
  if (!boot) add("noauto");
  if (remote && !isDecided) {
    // Mounted once the network is there, and unmounted while it still is.
    add("_netdev");
    // Without its target a machine boots all the same.
    if (!words.includes("noauto")) add("nofail");
  }
  return words.join(",");
}

/** The same for mount(8), which would say nothing of a device that is absent. */
export function mountOptions(opts: string): string {
  const words = split(opts).filter((word) => word !== "nofail");
  return words.length === 0 ? "defaults" : words.join(",");
}

export function isBind(opts: string): boolean {
  return split(opts).some((word) => word === "bind" || word === "rbind");
}

/** At commas; one within quotes belongs to its word, as in SELinux's context="a,b". */
function split(opts: string): string[] {
  return opts.match(/(?:[^,"]|"[^"]*")+/g) ?? [];
}
