/** With `.service` where it says nothing else. */
export function unitName(name: string): string {
  return /\.(service|socket|target|timer|mount|automount|path|slice|scope|swap|device)$/.test(name)
    ? name
    : `${name}.service`;
}

/** Where unit files lie (systemd.unit(5)); of an instance its template's. */
export function unitFiles(name: string): string[] {
  const file = unitName(name).replace(/@.+(?=\.\w+$)/, "@");
  return ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map((root) => `${root}/systemd/system/${file}`);
}
