/** Module names differ in `-` and `_` only by accident: the kernel shows `_`. */
export function normalModuleName(name: string): string {
  return name.replaceAll("-", "_");
}

/** Names in modules.dep (`kernel/…/nvme.ko.xz: needs…`) or modules.builtin (`kernel/…/configfs.ko`), normalised. */
export function parseModuleFiles(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const file = line.split(":", 1)[0]?.split("/").at(-1);
    const name = file === undefined ? undefined : /^(.+)\.ko(\.(gz|xz|zst))?$/.exec(file.trim())?.[1];
    return name === undefined ? [] : [normalModuleName(name)];
  });
}
