/** What a package manager would do, by the packages' names: their versions before and after. */
export interface Transaction {
  installs: ReadonlyMap<string, { before: string | undefined; after: string }>;
  /** With the version that goes. */
  removes: ReadonlyMap<string, string>;
}

/** Lines of `apt-get -s`: `Inst name [old] (new repository [arch])`, `Remv name [old]`, `Purg name [old]`. */
export function parseAptSimulation(text: string): Transaction {
  const installs = new Map<string, { before: string | undefined; after: string }>();
  const removes = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, before, after] = /^Inst (\S+)(?: \[([^\]]*)\])? \((\S+)/.exec(line) ?? [];
    if (name !== undefined && after !== undefined) installs.set(name, { before, after });
    const [, gone, version = ""] = /^(?:Remv|Purg) (\S+)(?: \[([^\]]*)\])?/.exec(line) ?? [];
    if (gone !== undefined) removes.set(gone, version);
  }
  return { installs, removes };
}

/** As a diff shows it: a line for each package. */
export function transactionDiff({ installs, removes }: Transaction, nameless: ReadonlyMap<string, boolean>) {
  const absent = "not installed";
  const rows = [
    ...[...installs].map(([name, { before = absent, after }]) => [name, before, after] as const),
    ...[...removes].map(([name, before]) => [name, before, absent] as const),
    ...[...nameless].map(([name, isInstalled]) =>
      isInstalled ? ([name, absent, "installed"] as const) : ([name, "installed", absent] as const),
    ),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const side = (index: 1 | 2) => rows.map((row) => `${row[0]} ${row[index]}\n`).join("");
  return { before: side(1), after: side(2), before_header: "packages", after_header: "packages" };
}
