type Sort = "file" | "folder";

/**
 * The files of a project by their paths, with `/` between the parts, and the folders that they make. A path with `/` at its end is
 * a folder without files: it hides a file of its name with an ending.
 */
export class FileTree {
  readonly #files: Readonly<Record<string, string>>;
  readonly #folders = new Map<string, Map<string, Sort>>();

  constructor(files: Readonly<Record<string, string>>) {
    this.#files = files;
    for (const path of Object.keys(files)) this.#add(path, "file");
    for (const [folder, entries] of this.#folders)
      this.#folders.set(folder, new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  text(path: string): string | undefined {
    return Object.hasOwn(this.#files, path) ? this.#files[path] : undefined;
  }

  /** What stands at a path; undefined where nothing does. */
  sortOf(path: string): Sort | undefined {
    if (Object.hasOwn(this.#files, path)) return "file";
    return this.#folders.has(path) ? "folder" : undefined;
  }

  /** A folder's entries by name, sorted; none where there is no such folder. */
  entries(folder: string): ReadonlyMap<string, Sort> {
    return this.#folders.get(folder) ?? new Map();
  }

  #add(path: string, sort: Sort): void {
    const folder = folderOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const isNew = !this.#folders.has(folder);
    const entries = this.#folders.get(folder) ?? new Map<string, Sort>();
    this.#folders.set(folder, entries);
    if (name !== "" && !entries.has(name)) entries.set(name, sort);
    if (isNew && folder !== "" && folder !== "/") this.#add(folder, "folder");
  }
}

/** The folder of a path; empty for the one where the command was given. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === 0 ? "/" : path.slice(0, Math.max(0, slash));
}

export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** A path without `./` before it and slashes behind it; empty for `.`. */
export function cleanPath(path: string): string {
  const clean = path.replace(/^(\.\/+)+/, "").replace(/(?<=[^/])\/+$/, "");
  return clean === "." ? "" : clean;
}
