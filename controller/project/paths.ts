/** A path as people write it, without `.` and `..`. */
export function joinPath(folder: string, path: string): string {
  const whole = path.startsWith("/") || folder === "" ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return whole.startsWith("/") ? `/${parts.join("/")}` : parts.join("/");
}

export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** The first of these paths that is a file of the project. */
export function findFile(files: Readonly<Record<string, string>>, paths: readonly string[]): string | undefined {
  return paths.find((path) => Object.hasOwn(files, path));
}

/** Where the files of a task lie. `place` of the play and the task: `file:line:column`. */
export function foldersOf({ role, place }: { role: { folder: string } | undefined; place: string }, playPlace: string) {
  const folders = [role?.folder, folderOf(fileOf(place)), folderOf(fileOf(playPlace))];
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

/** The file of a place: `file:line:column`. */
export function fileOf(place: string): string {
  return place.replace(/:\d+:\d+$/, "");
}
