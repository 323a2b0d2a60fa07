/** A number as kstrtoul takes it with base 0: `12`, `+7`, `0x1f`, and `010` for eight. NaN where it is none. */
export function parseKernelInteger(text: string): number {
  const [, hex, octal, decimal] = /^\+?(?:0x([0-9a-f]+)|0([0-7]+)|(\d+))$/i.exec(text) ?? [];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return decimal === undefined ? Number.NaN : Number(decimal);
}
