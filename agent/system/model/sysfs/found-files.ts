import { type Directory, type Entry, text } from "../files/entry.ts";

/** The files of one directory as they were found: every name, and the text of those that only say something. */
interface Found {
  names: ReadonlySet<string>;
  texts: Readonly<Record<string, string>>;
}

/**
 * What sysfs of the node that a machine is a model of was found to show of a controller, a subsystem or a disk: it counts
 * more than what the model would show, as long as the thing is there.
 */
export class FoundFiles {
  readonly #found = new WeakMap<object, Found>();

  set(thing: object, found: Found): void {
    this.#found.set(thing, found);
  }

  /** The directory that the model makes of the thing, with the files that were found. */
  over(thing: object, directory: Directory): Directory {
    const found = this.#found.get(thing);
    if (found === undefined) return directory;
    const get = (name: string): Entry | undefined => {
      const shown = Object.hasOwn(found.texts, name) ? found.texts[name] : undefined;
      if (shown !== undefined) return text(() => shown);
      const entry = directory.get(name);
      return entry?.kind === "file" && !found.names.has(name) ? undefined : entry;
    };
    const list = () =>
      [...new Set([...directory.list(), ...Object.keys(found.texts)])].filter((name) => get(name) !== undefined);
    return { kind: "directory", list, get };
  }
}
