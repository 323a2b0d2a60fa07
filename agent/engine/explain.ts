import { type ErrorCode, FlashfleetError } from "../../shared/errors.ts";
import { type Op, SystemError } from "../system/system.ts";
import type { Step } from "./step.ts";

interface Explanation {
  when: (op: Op, errno: string) => boolean;
  hint: string;
  /** Default: the kernel refused it. */
  code?: ErrorCode;
}

const writes = (op: Op, attribute: RegExp) => op.op === "write" && attribute.test(op.path);

/** What the kernel means by it, where errno alone misleads (nvmet-abi 2 to 4, nvme-operations). First match counts. */
const explanations: readonly Explanation[] = [
  {
    when: (op, errno) => op.op === "symlink" && errno === "EADDRNOTAVAIL",
    hint: "the port's address is not on this node: bind happens when the first subsystem is linked",
  },
  {
    when: (op, errno) => op.op === "symlink" && errno === "EADDRINUSE",
    hint: "another listener or port has this address and service id: ss -tln shows it",
  },
  {
    when: (op, errno) => op.op === "symlink" && errno === "ENODEV",
    hint: "no RDMA device carries the port's address: rdma link shows those that there are (soft RoCE: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev INTERFACE)",
  },
  {
    when: (op, errno) => op.op === "symlink" && op.path.includes("/ports/") && errno === "EINVAL",
    hint: "the port's attributes are incomplete, or the transport's module is missing: dmesg has nvmet's reason",
  },
  {
    when: (op, errno) => writes(op, /\/attr_(serial|model|firmware|version|ieee_oui)$/) && errno === "EINVAL",
    hint: "fixed since the first host identified the subsystem: it changes only by removing and creating the subsystem anew",
  },
  {
    when: (op, errno) => writes(op, /\/enable$/) && errno === "EACCES",
    hint: "the device is read-only",
  },
  {
    when: (op, errno) => writes(op, /\/enable$/) && errno === "ENOENT",
    hint: "the device is not there (any more)",
  },
  {
    when: (op, errno) => writes(op, /\/nvmet\/hosts\/[^/]+\/dhchap_\w+$/) && errno === "ENOENT",
    code: "kernel_lacks",
    hint: "this kernel has no in-band authentication: it is built with CONFIG_NVME_TARGET_AUTH (Debian 13, Ubuntu from 6.8); without it, restrict by allowed_hosts and the network",
  },
  {
    when: (op, errno) => writes(op, /^\/sys\/kernel\/config\//) && errno === "ENOENT",
    code: "kernel_lacks",
    hint: "this kernel does not have that attribute: leave the field out, or run a kernel that has it",
  },
  {
    when: (op, errno) => op.op === "write" && errno === "ENOENT",
    hint: "this kernel does not have that attribute: leave the field out, or run a kernel that has it",
  },
  {
    when: (op, errno) => op.op === "rmdir" && (errno === "ENOTEMPTY" || errno === "EBUSY"),
    hint: "something that flashfleet did not plan for is still in it or points at it: look with find below the path",
  },
  {
    when: (op, errno) => op.op === "connect" && errno === "EIO",
    hint: "the target refused: this host is not allowed, the subsystem is not exported there, its controller ids are used up, or (after a minute) the DH-HMAC-CHAP key of one end is not the one the other has; dmesg on both ends says which",
  },
  {
    when: (op, errno) => op.op === "connect" && errno === "EKEYREJECTED",
    hint: "the DH-HMAC-CHAP key of one end is not the one the other has: compare nvmet_host and nvme_connection",
  },
  {
    when: (op, errno) => op.op === "connect" && errno === "ENOKEY",
    hint: "the target asks for authentication: give dhchap_secret",
  },
  {
    when: (op, errno) => op.op === "connect" && errno === "ECONNREFUSED",
    hint: "nothing listens there: is a subsystem linked into the target's port?",
  },
  {
    when: (op, errno) => op.op === "connect" && ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"].includes(errno),
    hint: "the target does not answer: check the storage network, its addresses and firewalls",
  },
  {
    when: (op, errno) => op.op === "connect" && errno === "EINVAL",
    hint: "an option has a value the kernel refuses, or another host NQN is paired with this host id: dmesg says which",
  },
  {
    when: (op, errno) => op.op === "modprobe" && errno === "ENOENT",
    hint: "the module is not installed for the running kernel",
  },
  {
    when: (op, errno) => op.op === "unloadModule" && (errno === "EAGAIN" || errno === "EBUSY"),
    hint: "something uses the module: other modules (lsmod shows them), or what is still configured below /sys/kernel/config/nvmet",
  },
  {
    when: (_, errno) => errno === "EPERM" || errno === "EACCES",
    hint: "the agent needs root",
  },
  {
    when: (_, errno) => errno === "ETIMEDOUT",
    hint: "the kernel has not answered; it may still be at it: run again, and look for hung tasks in dmesg",
  },
];

/** A failed op as people can act on it, with what the kernel logged about it. */
export function explain(step: Step, op: Op, error: unknown, logged: readonly string[]): FlashfleetError {
  if (!(error instanceof SystemError)) {
    return new FlashfleetError(
      "internal",
      `cannot ${step.says}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const { hint, code } = explanations.find(({ when }) => when(op, error.errno)) ?? {};
  return new FlashfleetError(
    error.errno === "ETIMEDOUT" ? "deadline" : (code ?? "kernel_refused"),
    `cannot ${step.says}: ${error.errno}`,
    {
      hint,
      cause: new FlashfleetError("kernel_refused", withLog(error.message, logged)),
    },
  );
}

/** What a message has already, the model's as details, is not said twice. */
function withLog(message: string, logged: readonly string[]): string {
  const more = logged.filter((line) => !message.includes(line.replace(/^\w+( nvme\d+)?: /, "")));
  return more.length === 0 ? message : `${message}; the kernel logged: ${more.join("; ")}`;
}
