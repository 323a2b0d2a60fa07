/** Bits of r, w and x in the place of the others. */
const bits: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/** What permissions are to become: octal digits, or chmod's words, which count from what is there (chmod(1)). */
export function modeFrom(text: string, current: number, isDirectory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  let mode = current;
  for (const clause of text.split(",")) {
    const [, who = "", actions = ""] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
    const people = who === "" || who.includes("a") ? "ugo" : who;
    for (const [, operator = "", what = ""] of actions.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)) {
      for (const person of people) {
        const value = bitsOf(what, person, mode, isDirectory);
        if (operator === "+") mode |= value;
        else if (operator === "-") mode &= ~value;
        else mode = (mode & ~maskOf(person, isDirectory)) | value;
      }
    }
  }
  return mode;
}

/** What `=` takes away first; set-user-ID and set-group-ID of a directory stay, unless they are named. */
function maskOf(person: string, isDirectory: boolean): number {
  const own = 7 << (shifts[person] ?? 0);
  if (isDirectory) return own;
  return own | (person === "u" ? 0o4000 : person === "g" ? 0o2000 : 0o1000);
}

function bitsOf(what: string, person: string, mode: number, isDirectory: boolean): number {
  const shift = shifts[person] ?? 0;
  if (/^[ugo]$/.test(what)) return ((mode >> (shifts[what] ?? 0)) & 7) << shift;
  let value = 0;
  for (const letter of what) {
    if (letter === "X") value |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0;
    else if (letter === "s") value |= person === "u" ? 0o4000 : person === "g" ? 0o2000 : 0;
    else if (letter === "t") value |= 0o1000;
    else value |= (bits[letter] ?? 0) << shift;
  }
  return value;
}

/** As Ansible shows it: 0644. */
export function showMode(mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")}`;
}
