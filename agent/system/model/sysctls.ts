import { Errno } from "./errno.ts";
import { type Directory, type File, lazily } from "./files/entry.ts";

/** What the kernel takes for a setting of /proc/sys. */
interface Rule {
  /** As it is after a boot. */
  text: string;
  /** Of each number. Without it the setting is text. */
  numbers?: { least?: number; most?: number };
  /** Takes as much as there is, and says nothing where that is less. */
  bounded?: true;
}

const number = (text: string, least = 0, most?: number): Rule => ({
  text,
  numbers: { least, ...(most === undefined ? {} : { most }) },
});

/** Memory that a model node has to give away; bytes. */
const memory = 4 * 1024 ** 3;
const hugePage = 2 * 1024 ** 2;

/** What operators of storage set, as Linux 6.12 has it on a machine with 4 GiB. */
const table: Readonly<Record<string, Rule>> = {
  "fs/aio-max-nr": number("65536"),
  "fs/file-max": number("9223372036854775807"),
  "fs/nr_open": number("1048576", 8),
  "kernel/hung_task_timeout_secs": number("120"),
  "kernel/panic": number("0", -1),
  "net/core/busy_poll": number("0"),
  "net/core/busy_read": number("0"),
  "net/core/default_qdisc": { text: "pfifo_fast" },
  "net/core/netdev_budget": number("300"),
  "net/core/netdev_max_backlog": number("1000"),
  "net/core/optmem_max": number("131072"),
  "net/core/rmem_default": number("212992", 2304),
  "net/core/rmem_max": number("212992", 2304),
  "net/core/somaxconn": number("4096"),
  "net/core/wmem_default": number("212992", 4608),
  "net/core/wmem_max": number("212992", 4608),
  "net/ipv4/ip_forward": number("0"),
  "net/ipv4/tcp_mtu_probing": number("0", 0, 255),
  "net/ipv4/tcp_rmem": number("4096\t131072\t6291456", 1),
  "net/ipv4/tcp_sack": number("1", 0, 255),
  "net/ipv4/tcp_timestamps": number("1", 0, 255),
  "net/ipv4/tcp_wmem": number("4096\t16384\t4194304", 1),
  "vm/dirty_background_ratio": number("10", 0, 100),
  "vm/dirty_expire_centisecs": number("3000"),
  "vm/dirty_ratio": number("20", 0, 100),
  "vm/dirty_writeback_centisecs": number("500"),
  "vm/max_map_count": number("65530"),
  "vm/min_free_kbytes": number("67584"),
  "vm/nr_hugepages": { ...number("0"), bounded: true },
  "vm/overcommit_memory": number("0", 0, 2),
  "vm/swappiness": number("60", 0, 200),
  "vm/vfs_cache_pressure": number("100"),
  "vm/zone_reclaim_mode": number("0"),
};

const root = "/proc/sys/";

/** The settings below /proc/sys: those of every model node, or those alone that were found on the node that it is a model of. */
export class Sysctls {
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #found = new Map<string, Rule>();
  /** Those that are not as they were. */
  readonly #set = new Map<string, string>();
  #directory: Directory | undefined;

  constructor(isFound: boolean) {
    this.#rules = new Map(isFound ? [] : Object.entries(table));
  }

  /** As the node has it whose model this is. What is known of the setting holds there too. */
  recall(path: string, text: string): void {
    const name = path.slice(root.length);
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    const shown = text.replace(/\n$/, "");
    const numbers = /^-?\d+(\s+-?\d+)*$/.test(shown) ? {} : undefined;
    // How much memory that node has is not known here.
    const guessed: Rule = { text: "", ...(numbers === undefined ? {} : { numbers }) };
    const { bounded: _, ...rule } = known ?? guessed;
    this.#found.set(name, { ...rule, text: shown });
    this.#directory = undefined;
  }

  /** What /proc/sys has of them, as directories. */
  tree(): Directory {
    this.#directory ??= this.#below("");
    return this.#directory;
  }

  #ruleOf(name: string): Rule | undefined {
    return this.#found.get(name) ?? this.#rules.get(name);
  }

  #below(prefix: string): Directory {
    const names = [...this.#rules.keys(), ...this.#found.keys()].filter((name) => name.startsWith(prefix));
    const children = [...new Set(names.map((name) => name.slice(prefix.length).split("/", 1)[0] ?? ""))].sort();
    return lazily(() =>
      Object.fromEntries(
        children.map((child) => {
          const path = prefix + child;
          return [child, this.#ruleOf(path) === undefined ? this.#below(`${path}/`) : this.#file(path)];
        }),
      ),
    );
  }

  #file(name: string): File {
    const rule = this.#ruleOf(name) ?? { text: "" };
    return {
      kind: "file",
      size: 0,
      read: () => `${this.#set.get(name) ?? rule.text}\n`,
      write: (text) => {
        this.#set.set(name, taken(rule, this.#set.get(name) ?? rule.text, text.trim()));
      },
    };
  }
}

/** What the kernel makes of what is written (proc_dointvec_minmax): of fewer numbers the others stay. Throws EINVAL. */
function taken({ numbers, bounded }: Rule, before: string, text: string): string {
  if (numbers === undefined) return text;
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = numbers;
  const fresh = text.split(/\s+/).map((word) => {
    const value = /^-?(0x[\da-f]+|\d+)$/i.test(word) ? Number(word) : Number.NaN;
    if (!(value >= least && value <= most)) throw new Errno("EINVAL");
    // As text: some are larger than a number of ours can say.
    return /^-?\d+$/.test(word) ? word.replace(/^(-?)0+(?=\d)/, "$1") : String(value);
  });
  if (bounded) return String(Math.min(Number(fresh[0]), Math.floor(memory / 2 / hugePage)));
  return before
    .split(/\s+/)
    .map((old, index) => fresh[index] ?? old)
    .join("\t");
}
