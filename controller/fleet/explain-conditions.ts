import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Condition } from "../../shared/protocol/report.ts";

interface Remedy {
  /** Of the error's code, or of the errno that its message ends with. */
  of: RegExp;
  remedy(node: NodeId): string;
}

/** What to do about what an agent says itself: by codes, then by errno. The first that fits counts. */
const remedies: readonly Remedy[] = [
  {
    of: /\bEADDRNOTAVAIL\b/,
    remedy: (node) =>
      `put the address back on ${node} (ip -br address shows what it has): its agent listens there by itself then`,
  },
  {
    of: /^address_in_use\b|\bEADDRINUSE\b/,
    remedy: (node) => `ss -tlnp on ${node} shows what listens there: stop it, and the agent takes its place`,
  },
  {
    of: /^device_absent\b/,
    remedy: (node) =>
      `flashfleet drive list ${node} shows its drives, dmesg there what became of this one: the agent exports it as soon as it is back`,
  },
  {
    of: /^device_changed\b/,
    remedy: (node) =>
      `put the earlier drive back into ${node}; where it is lost, remove the volume (state: absent) and make it anew`,
  },
  { of: /^device_in_use\b/, remedy: (node) => `free it on ${node}: the message has what holds it` },
  { of: /^key_missing\b/, remedy: () => "run the playbook again: the key goes with it" },
  {
    of: /^(module_missing|kernel_lacks)\b/,
    remedy: (node) => `boot ${node} into a kernel that has it; errors.md names packages and options`,
  },
  {
    of: /\b(EKEYREJECTED|ENOKEY)\b/,
    remedy: () => "run the pair play again: it gives both ends the key; with a higher key_version it makes another one",
  },
  {
    of: /\bECONNREFUSED\b/,
    remedy: () => "nothing listens at the target's address: ss -tln there; a firewall that rejects looks the same",
  },
  {
    of: /\b(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b|^deadline\b/,
    remedy: () => "the network between the two addresses: ping, then MTU, firewalls, switch ports",
  },
  {
    of: /\bEIO\b/,
    remedy: () => "the target refuses this host: dmesg on both ends says why; the pair play lets it in again",
  },
  {
    of: /\bEINVAL\b/,
    remedy: (node) => `dmesg on ${node} has the kernel's reason; flashfleet health has host ids that are there twice`,
  },
];

/** What to do about a condition of a node. */
export function remedyFor(node: NodeId, { code, message }: Condition): string {
  const found = remedies.find(({ of }) => of.test(code) || of.test(message));
  return (
    found?.remedy(node) ?? `errors.md says what to do about ${code}; journalctl -u flashfleet-agent on ${node} has more`
  );
}
