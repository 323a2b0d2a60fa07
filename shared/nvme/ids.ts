import * as z from "zod";

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID in lower case with dashes: the only form that every kernel takes (`lib/uuid.c`). */
export const Uuid = z
  .string()
  .toLowerCase()
  .regex(uuidForm, "a UUID looks like 01234567-89ab-cdef-0123-456789abcdef")
  .brand("Uuid");
export type Uuid = z.infer<typeof Uuid>;

/** A namespace's globally unique identifier: 16 bytes, kept in the form in which nvmet reads it back (as a UUID). */
export const Nguid = z
  .string()
  .toLowerCase()
  .transform((text) => text.replace(/[-:]/g, ""))
  .pipe(z.string().regex(/^[0-9a-f]{32}$/, "an NGUID is 32 hexadecimal digits"))
  .transform((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"))
  .brand("Nguid");
export type Nguid = z.infer<typeof Nguid>;

/** Namespace identifier (NVMe Base 2.0, 3.2.1.2): 1 to 0xfffffffe. */
export const Nsid = z.int().min(1).max(0xfffffffe);
export type Nsid = z.infer<typeof Nsid>;

/** nvmet's port id, a u16. */
export const PortId = z.int().min(0).max(65535);
export type PortId = z.infer<typeof PortId>;

/** ANA group id: Linux keeps 1 to 128, but stores 128 as 0 on many kernels (array_index_nospec), so 127 is the last. */
export const AnaGroupId = z.int().min(1).max(127);
export type AnaGroupId = z.infer<typeof AnaGroupId>;
