import { type DhchapKeyFault, dhchapKeyFault } from "../../../../shared/nvme/dhchap.ts";
import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { proofOf, proves } from "../fabric/dhchap.ts";
import type { FromTarget } from "../fabric/messages.ts";
import { hexOf } from "../random.ts";
import type { Nvmet } from "./core.ts";
import type { NvmetHost } from "./state.ts";

const nonceLength = 32;
/** NVME_AUTH_DHCHAP_FAILURE_FAILED and _NOT_USABLE. */
const failed = 1;
const notUsable = 2;

/** What `nvme_auth_extract_key` returns: base64_decode's -1, EINVAL, EKEYREJECTED. */
const extractErrors: Readonly<Record<DhchapKeyFault["is"], number>> = {
  form: -22,
  encoding: -1,
  length: -22,
  checksum: -129,
};

/** The first fault of a host's keys. */
function faultOf({ key, ctrlKey }: NvmetHost): DhchapKeyFault | undefined {
  return [key, ctrlKey]
    .map((each) => (each === "" ? undefined : dhchapKeyFault(each)))
    .find((fault) => fault !== undefined);
}

/**
 * What a connect is refused with where the host's keys cannot be used (nvmet_setup_auth): an NVMe status; undefined where they
 * can. It is logged.
 */
export function setupRefusal(nvmet: Nvmet, host: NvmetHost): number | undefined {
  const fault = faultOf(host);
  if (fault === undefined) return undefined;
  if (nvmet.kernel.does.setupTellsStatus) {
    nvmet.say(`Failed to setup authentication, dhchap status ${notUsable}`);
    return statuses.internal;
  }
  const error = extractErrors[fault.is];
  nvmet.say(`Failed to setup authentication, error ${error}`);
  // -1 is also EPERM: the host is not among the allowed ones.
  return error === -1 ? statuses.connectInvalidHost | doNotRetry : statuses.internal;
}

type Answer = Extract<FromTarget, { is: "challenge" | "proved" | "rejected" }>;

/** What a controller does then: it answers, and where it fails for good its connection ends, after the answer or without one. */
export interface Verdict {
  answer?: Answer;
  fatal?: true;
}

/** DH-HMAC-CHAP at a controller's admin queue (target/fabrics-cmd-auth.c). */
export class Authentication {
  readonly #nvmet: Nvmet;
  readonly #id: string;
  /** Taken over when it begins, and kept where it begins anew without others. */
  #keys = { key: "", ctrlKey: "" };
  #way = { hash: "hmac(sha256)", group: "null" };
  #nonce = "";
  #step: "none" | "challenged" | "proved" = "none";
  #isAnew = false;

  constructor(nvmet: Nvmet, cntlid: number) {
    this.#nvmet = nvmet;
    this.#id = `ctrl ${cntlid} qid 0`;
  }

  /** The host has proved what it was asked for. */
  get isProved(): boolean {
    return this.#step === "proved";
  }

  begin(host: NvmetHost): Verdict {
    this.#take(host);
    return this.#challenge();
  }

  /** A connected host asks for it: with the keys of now, unless any host is allowed; undefined: it is no longer allowed. */
  beginAnew(host: NvmetHost | "any" | undefined): Verdict {
    this.#isAnew = true;
    const problem = host === undefined ? failed : host !== "any" && faultOf(host) !== undefined ? notUsable : undefined;
    if (problem !== undefined) {
      this.#nvmet.say(`${this.#id} failed to setup re-authentication`);
      return this.#fail(problem);
    }
    if (host !== undefined && host !== "any" && host.key !== "") this.#take(host);
    return this.#challenge();
  }

  /** `back` is the host's own nonce, where it wants proof as well. */
  prove(proof: string, back: string | undefined): Verdict {
    const { key, ctrlKey } = this.#keys;
    if (this.#step !== "challenged") return { fatal: true };
    if (key === "" || !proves(proof, key, this.#nonce)) {
      this.#nvmet.say(`${this.#id} ${key === "" ? "no host key" : "host response mismatch"}`);
      return this.#fail(failed);
    }
    if (back !== undefined && ctrlKey === "" && this.#nvmet.kernel.does.ctrlKeyEnforced) {
      this.#step = "none";
      this.#nvmet.say(`${this.#id} no ctrl key`);
      this.#nvmet.say(`${this.#id}: success1 status (${failed})`);
      return { answer: { is: "rejected" } };
    }
    this.#step = "proved";
    const counterproof = back === undefined || ctrlKey === "" ? {} : { proof: proofOf(ctrlKey, back) };
    return { answer: { is: "proved", ...counterproof } };
  }

  /** The host does not believe the controller's proof. */
  distrust(): Verdict {
    return this.#end();
  }

  #take({ key, ctrlKey, hash, dhgroup }: NvmetHost): void {
    this.#keys = { key, ctrlKey };
    this.#way = { hash, group: dhgroup };
  }

  #challenge(): Verdict {
    this.#step = "challenged";
    this.#nonce = hexOf(this.#nvmet.machine.random(nonceLength));
    return { answer: { is: "challenge", nonce: this.#nonce, ...this.#way } };
  }

  #fail(status: number): Verdict {
    this.#nvmet.say(`${this.#id} failure1 (${status})`);
    return this.#end();
  }

  /** nvmet_ctrl_fatal_error: its sockets are shut, which a live controller sees before the answer, and others never. */
  #end(): Verdict {
    this.#step = "none";
    this.#nvmet.say(`${this.#id.replace(/ qid 0$/, "")} fatal error occurred!`);
    const isAnswered = this.#nvmet.kernel.does.authFailureAnswered && !this.#isAnew;
    return { fatal: true, ...(isAnswered && { answer: { is: "rejected" } }) };
  }
}
