import type { Clock, Millis } from "../../../../shared/clock.ts";
import { type DhchapKeyFault, dhchapKeyFault } from "../../../../shared/nvme/dhchap.ts";
import { Errno } from "../errno.ts";
import { proofOf, proves } from "../fabric/dhchap.ts";
import type { Challenge, FromHost, FromTarget } from "../fabric/messages.ts";
import { hexOf, type RandomBytes } from "../random.ts";
import type { Kernel } from "../versions.ts";
import { ConnectRefused } from "./connect-refused.ts";

/** What `nvme_auth_extract_key` refuses a key with; that base64_decode gives -1 makes it EPERM. */
const faultErrnos: Readonly<Record<DhchapKeyFault["is"], string>> = {
  form: "EINVAL",
  encoding: "EPERM",
  length: "EINVAL",
  checksum: "EKEYREJECTED",
};

/** A key that an initiator is given (nvme_auth_generate_key). Throws where it is none. */
export function assertKey(secret: string): void {
  const fault = dhchapKeyFault(secret);
  if (fault !== undefined) throw new Errno(faultErrnos[fault.is]);
}

/** A host at the moment when it is asked who it is. */
export interface Asked {
  secret: string | undefined;
  ctrlSecret: string | undefined;
  kernel: Kernel;
  random: RandomBytes;
  clock: Clock;
  /** To the kernel's log, about this controller. */
  say(text: string): void;
  /** The target's answer; undefined where the connection ended instead. */
  ask(message: FromHost): Promise<FromTarget | undefined>;
}

const nonceLength = 32;
/**
 * What an authentication command waits for where its connection is gone: a controller that is not live does not notice, and
 * the block layer looks at its deadline of 60 s (nvme_core.admin_timeout) every five seconds. Recorded on 6.8.
 */
const unnoticed: Millis = 64_000;
/** NVME_SC_HOST_ABORTED_CMD: what such a command ends with. */
const aborted = 0x371;
/** NVME_SC_AUTH_REQUIRED */
const authenticationRequired = 0x191;

type Outcome = "authenticated" | { errno: "ECONNREFUSED" | "EIO" | "ENOKEY" | "EKEYREJECTED"; returned: number };

/**
 * DH-HMAC-CHAP on the admin queue of a connection that is being made (nvmf_connect_admin_queue). Throws
 * {@link ConnectRefused}.
 */
export async function authenticate(host: Asked, challenge: Challenge): Promise<void> {
  const { kernel, say } = host;
  // Who does not know of keys enables the controller, and the target refuses that.
  if (!kernel.does.optionDhchap) {
    throw new ConnectRefused("EIO", false, `Property Set error: ${authenticationRequired}, offset 0x14`);
  }
  const hasAuth = kernel.built.has("auth");
  if (hasAuth && host.secret === undefined) say("qid 0: no key");
  if (!hasAuth || host.secret === undefined) {
    say("qid 0: authentication setup failed");
    if (kernel.does.authErrnos && !hasAuth) throw new ConnectRefused("EPROTONOSUPPORT", false, queueLine(-93));
    if (kernel.does.authErrnos) throw new ConnectRefused("ENOKEY", true, queueLine(-126));
    throw new ConnectRefused("EIO", false, queueLine(authenticationRequired));
  }
  const outcome = await negotiate(host, host.secret, challenge, false);
  if (outcome === "authenticated") return say("qid 0: authenticated");
  say(`qid 0: authentication failed${kernel.does.authErrnos ? `, error ${outcome.returned}` : ""}`);
  throw new ConnectRefused(outcome.errno, outcome.errno === "EKEYREJECTED", queueLine(outcome.returned));
}

/** As a live controller does it anew (nvme_ctrl_auth_work): what fails is logged, and the target ends the connection. */
export async function authenticateAnew(host: Asked): Promise<void> {
  host.say("re-authenticating controller");
  if (host.secret === undefined) return;
  const answer = await host.ask({ is: "authenticate" });
  const outcome = answer?.is === "challenge" && (await negotiate(host, host.secret, answer, true));
  if (outcome !== "authenticated") host.say("qid 0: authentication failed");
}

/** nvme_queue_auth_work: proof and counterproof. A controller that is live sees at once that its connection ends. */
async function negotiate(host: Asked, secret: string, { nonce, hash, group }: Challenge, isLive: boolean) {
  const { ctrlSecret, kernel, say } = host;
  const refused: Outcome = kernel.does.authErrnos
    ? { errno: "EKEYREJECTED", returned: -129 }
    : { errno: "ECONNREFUSED", returned: -111 };
  const ask = async (message: FromHost): Promise<FromTarget | undefined> => {
    const answer = await host.ask(message);
    if (answer !== undefined || isLive) return answer;
    await host.clock.sleep(unnoticed);
    say(`qid 0 auth_send failed with status ${aborted}`);
    return undefined;
  };
  const back = ctrlSecret === undefined ? undefined : hexOf(host.random(nonceLength));
  const answer = await ask({ is: "proof", proof: proofOf(secret, nonce), ...(back !== undefined && { nonce: back }) });
  if (answer === undefined && !isLive) {
    say(`qid 0 failed to receive success1, nvme status ${aborted}`);
    return { errno: "EIO", returned: aborted } satisfies Outcome;
  }
  if (answer?.is !== "proved") return refused;
  say(`qid 0: authenticated with hash ${hash} dhgroup ${group}`);
  // A target that proves nothing has no key to prove: old kernels let that pass.
  if (back !== undefined && ctrlSecret !== undefined && answer.proof !== undefined) {
    if (!proves(answer.proof, ctrlSecret, back)) {
      say("qid 0: controller authentication failed");
      await ask({ is: "distrust" });
      return refused;
    }
    say("qid 0: controller authenticated");
  }
  return "authenticated" satisfies Outcome;
}

function queueLine(returned: number): string {
  return `failed to connect queue: 0 ret=${returned}`;
}
