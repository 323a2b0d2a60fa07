/** Bytes as nvme-cli and drive makers write them: powers of 1000, two digits. */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}

const written = /^(\d+(?:\.\d+)?)\s*(?:([kMGTP])(i)?B|B)?$/;

/**
 * Reads `1TB` and `800 GB` (powers of 1000, as drives are sold), `1TiB` (powers of 1024), or a plain number of bytes. Undefined
 * for anything else, `1T` among it, which some tools take for the one and some for the other.
 */
export function parseSize(text: string): number | undefined {
  const [, number, unit, binary] = written.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const power = unit === undefined ? 0 : "kMGTP".indexOf(unit) + 1;
  const bytes = Math.round(Number(number) * (binary === undefined ? 1000 : 1024) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
