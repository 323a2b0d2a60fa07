/** One write takes at most a page less one byte (fs/configfs/file.c, fs/kernfs/file.c). */
const longestValue = 4095;

/**
 * Why a value is never written to an attribute; undefined where it may be. Of a longer value the kernel stores a part, and
 * whoever writes on stores the rest over it: no half of a value is one.
 */
export function whyNeverWritten(value: string): string | undefined {
  if (value === "") return "an empty value is never written";
  const bytes = Buffer.byteLength(value);
  return bytes > longestValue
    ? `a value of ${bytes} bytes is never written: the kernel takes ${longestValue}`
    : undefined;
}
