import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { Errno } from "../errno.ts";
import type { Kernel } from "../versions.ts";
import { ConnectRefused } from "./connect-refused.ts";
import type { ConnectSettings, HostPair } from "./options.ts";

/*
 * The words in which the initiator logs how a connect went (drivers/nvme/host/fabrics.c, tcp.c).
 */

/** errno.h, as far as a connect ends with it: the kernel's log has numbers. */
const numbers: Readonly<Record<string, number>> = {
  EINTR: 4,
  EIO: 5,
  EPROTONOSUPPORT: 93,
  EAFNOSUPPORT: 97,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  ENOKEY: 126,
  EKEYREJECTED: 129,
};

/** As the kernel's functions return an errno. */
export function returned(errno: string): number {
  return -(numbers[errno] ?? 0);
}

/** What is logged of a refusal: what its status means, and its detail. */
export function complaintsOf(error: unknown, nqn: string, hostnqn: string): string[] {
  if (!(error instanceof Errno)) return [];
  const status = error instanceof ConnectRefused ? error.status : undefined;
  return [
    ...(status === undefined ? [] : [meaningOf(status, nqn, hostnqn)]),
    ...(error.message === error.code ? [] : [error.message]),
  ];
}

/** nvmf_log_connect_error */
function meaningOf(status: number, nqn: string, hostnqn: string): string {
  const code = status & ~doNotRetry;
  switch (code) {
    case statuses.connectInvalidParameter:
      return `Connect Invalid Data Parameter, subsysnqn "${nqn}"`;
    case statuses.connectInvalidHost:
      return `Connect for subsystem ${nqn} is not allowed, hostnqn: ${hostnqn}`;
    case statuses.connectBusy:
      return "Connect command failed: controller is busy or not available";
    default:
      return `Connect command failed, error wo/DNR bit: ${code}`;
  }
}

/** When the first connect is done. */
export function madeLine(
  { nqn, transport, traddr, trsvcid }: ConnectSettings,
  host: HostPair,
  { does }: Kernel,
): string {
  if (transport !== "tcp") return `new ctrl: "${nqn}"`;
  const at = traddr.includes(":") ? `[${traddr}]` : traddr;
  return `new ctrl: NQN "${nqn}", addr ${at}:${trsvcid}${does.hostnqnLogged ? `, hostnqn: ${host.nqn}` : ""}`;
}

/** Of so many I/O queues. */
export function queueLines(count: number, { does }: Kernel): string[] {
  if (count === 0) return [];
  const mapped = does.mappingLogged ? [`mapped ${count}/0/0 default/read/poll queues.`] : [];
  return [`creating ${count} I/O queues.`, ...mapped];
}

/** After an attempt, the first of which has number 1, of at most `most`. */
export function attemptLine(succeeded: boolean, number: number, most: number, { does }: Kernel): string {
  if (!succeeded) return `Failed reconnect attempt ${does.attemptsOutOfLogged ? `${number}/${most}` : number}`;
  return `Successfully reconnected (${does.attemptsOutOfLogged ? `attempt ${number}/${most}` : `${number} attempt`})`;
}

/** When it does not try again, after this refusal. */
export function removalLine(refusal: Errno | undefined, { does }: Kernel): string {
  const status = refusal instanceof ConnectRefused ? refusal.status : undefined;
  const code = status ?? (refusal === undefined ? 0 : returned(refusal.code));
  return `Removing controller${does.doNotRetryDeletes ? ` (${code})` : ""}...`;
}
