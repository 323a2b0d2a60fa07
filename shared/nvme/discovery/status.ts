/** Do not retry: bit 14 of a completion's status field, once its phase bit is shifted out. */
export const doNotRetry = 0x4000;

/** Status codes with their type in bits 8 to 10 (NVMe Base 2.0, 4.2.3; NVMe-oF 1.1, 2.2.1), as Linux answers them. */
export const statuses = {
  success: 0,
  invalidOpcode: 0x001,
  invalidField: 0x002,
  internal: 0x006,
  connectFormat: 0x180,
  connectBusy: 0x181,
  connectInvalidParameter: 0x182,
  connectInvalidHost: 0x184,
  authenticationRequired: 0x191,
} as const;

const words: Readonly<Record<number, string>> = {
  [statuses.invalidOpcode]: "invalid command opcode",
  [statuses.invalidField]: "invalid field in the command",
  [statuses.internal]: "internal error of the controller",
  [statuses.connectFormat]: "the Connect format is not supported",
  [statuses.connectBusy]: "the controller is busy or not available",
  [statuses.connectInvalidParameter]: "unknown subsystem or invalid Connect parameter",
  [statuses.connectInvalidHost]: "the host is not allowed",
  [statuses.authenticationRequired]: "authentication is required",
};

/** An NVMe status (without its phase bit) in words, with the number that kernel logs and the specification use. */
export function describeStatus(status: number): string {
  const code = status & 0x7ff;
  const name = words[code] ?? "an NVMe error";
  return `${name} (status 0x${code.toString(16)}${status & doNotRetry ? ", do not retry" : ""})`;
}
