/**
 * Where the kernel has a setting, as sysctl(8) finds it: the first separator of a key tells whether dots or slashes stand for
 * directories, and the other of the two then stands for itself: net.ipv4.conf.eth0/1.forwarding.
 */
export function pathOf(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  const path = first === "/" ? key : key.replaceAll(/[./]/g, (each) => (each === "." ? "/" : "."));
  return `/proc/sys/${path.replace(/^\//, "")}`;
}

/** Whether two values say the same to the kernel: blanks do not count, and of numbers the first few may be given alone. */
export function saysTheSame(current: string, wanted: string): boolean {
  const [now, words] = [current, wanted].map((text) => text.trim().split(/\s+/)) as [string[], string[]];
  const isNumbers = [...now, ...words].every((word) => /^-?\d+$/.test(word));
  const compared = isNumbers ? now.slice(0, words.length) : now;
  return compared.length === words.length && words.every((word, index) => word === compared[index]);
}
