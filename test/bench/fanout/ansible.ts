import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { whyNoAnsible } from "../../support/ansible.ts";
import { say } from "../benchmark.ts";
import { median } from "../figures.ts";
import { files } from "./plays.ts";
import { usedBy } from "./processes.ts";
import { addressOf, type Sshd, startSshd, whyNoSshd } from "./sshd.ts";

/** Where Debian has Mitogen's strategies. */
const strategies = "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy";
/** Hosts of the two runs that tell how many finish in time; never more than `mostHosts`. */
const fewHosts = 2;
const someHosts = 8;
const mostHosts = 64;
/** What forks are tried with; a host each where there are fewer. */
const forksTried = [4, 8, 16, 32];
/** Beyond the first time. */
const timesMore = 3;

/** What one of them took for whole runs, in seconds; of CPU, `ansible-playbook` and what it started, without the servers' side. */
export interface AnsibleFigures {
  name: string;
  /** Why it was left out. */
  missing?: string;
  hosts: number;
  forks: number;
  wall: number[];
  /** The same where the hosts are connected already: what each further time takes that the play is in the playbook. */
  connected: number;
  cpu: number[];
}

const variants = [
  { name: "ansible-playbook, pipelined", strategy: undefined },
  { name: "ansible-playbook with Mitogen", strategy: "mitogen_linear" },
] as const;

/** Both, with the tasks of files.yml, on as many hosts as each of them finishes in so many seconds. */
export async function measureAnsible(limits: { seconds: number; runs: number }): Promise<AnsibleFigures[]> {
  const nothing = { hosts: 0, forks: 0, wall: [], connected: 0, cpu: [] };
  const figures: AnsibleFigures[] = [];
  for (const { name, strategy } of variants) {
    const missing = whyNoAnsible() ?? (await whyNoSshd()) ?? (await whyNoStrategy(strategy));
    figures.push(
      missing === undefined ? { name, ...(await measure(strategy, limits)) } : { name, missing, ...nothing },
    );
  }
  return figures;
}

async function whyNoStrategy(strategy: string | undefined): Promise<string | undefined> {
  if (strategy === undefined) return undefined;
  const there = await stat(strategies).catch(() => undefined);
  return there === undefined
    ? "there is no Mitogen: apt-get install --no-install-recommends ansible-mitogen"
    : undefined;
}

async function measure(strategy: string | undefined, { seconds, runs }: { seconds: number; runs: number }) {
  const directory = await mkdtemp(join(tmpdir(), "ff-ansible-"));
  try {
    await using sshd = await startSshd(directory, mostHosts);
    const play = (hosts: number, forks: number, changes: boolean, times = 1) =>
      playbook({ directory, sshd, strategy, hosts, forks, changes, times });
    await play(someHosts, someHosts, true);
    const few = await play(fewHosts, fewHosts, false);
    const some = await play(someHosts, someHosts, false);
    // Beyond what a run takes before its first task.
    const each = Math.max(0.01, (some.wall - few.wall) / (someHosts - fewHosts));
    const hosts = Math.max(fewHosts, Math.min(mostHosts, Math.floor(fewHosts + (seconds - few.wall) / each)));
    await play(hosts, Math.min(someHosts, hosts), true);
    const tried = [...new Set(forksTried.map((forks) => Math.min(forks, hosts)))];
    const tuning = await inTurn(tried, async (forks) => ({ forks, ...(await play(hosts, forks, false)) }));
    const best = tuning.reduce((one, other) => (other.wall < one.wall ? other : one));
    say(
      `${strategy ?? "ansible"}: ${hosts} hosts; forks ${tuning.map(({ forks, wall }) => `${forks}: ${wall.toFixed(1)} s`).join(", ")}`,
    );
    const more = await inTurn(Array.from({ length: runs - 1 }), () => play(hosts, best.forks, false));
    const all = [best, ...more];
    const again = await play(hosts, best.forks, false, 1 + timesMore);
    const wall = all.map((each) => each.wall);
    const connected = (again.wall - median(wall)) / timesMore;
    return { hosts, forks: best.forks, wall, connected, cpu: all.map(({ cpu }) => cpu) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

interface Played {
  directory: string;
  sshd: Sshd;
  strategy: string | undefined;
  hosts: number;
  forks: number;
  changes: boolean;
  /** How often the play is there. */
  times: number;
}

async function playbook({
  directory,
  sshd,
  strategy,
  hosts,
  forks,
  changes,
  times,
}: Played): Promise<{ wall: number; cpu: number }> {
  const lines = Array.from(
    { length: hosts },
    (_, host) => `node-${host} ansible_host=${addressOf(host)} address=${addressOf(host)}\n`,
  );
  await writeFile(join(directory, "hosts.ini"), lines.join(""));
  await mkdir(join(directory, "hosts"), { recursive: true });
  await writeFile(join(directory, "files.yml"), files.repeat(times));
  const used = (await usedBy(process.pid)).children;
  const began = performance.now();
  const child = spawn(
    "ansible-playbook",
    ["-i", "hosts.ini", "-f", String(forks), "-e", `root=${join(directory, "hosts")}`, "files.yml"],
    { cwd: directory, env: environment(directory, sshd, strategy), stdio: ["ignore", "pipe", "pipe"] },
  );
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const wall = (performance.now() - began) / 1000;
  const recaps = [...out.matchAll(/ok=(\d+)\s+changed=(\d+)/g)];
  const asExpected = changes || recaps.every(([, , changed]) => changed === "0");
  if (code !== 0 || recaps.length !== hosts || !asExpected)
    throw new Error(`ansible-playbook ended with ${code}: ${err}${out.slice(-2000)}`);
  return { wall, cpu: (await usedBy(process.pid)).children - used };
}

/** Nothing of the person's: neither configuration, keys and known hosts, nor the folders that Ansible and ssh keep. */
function environment(directory: string, { port, key }: Sshd, strategy: string | undefined): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ANSIBLE|SSH|MITOGEN)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: directory,
    ANSIBLE_CONFIG: "/dev/null/ansible.cfg",
    ANSIBLE_HOME: join(directory, "home"),
    ANSIBLE_REMOTE_TEMP: join(directory, "remote"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(directory, "cp"),
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_HOST_KEY_CHECKING: "0",
    ANSIBLE_REMOTE_USER: "root",
    ANSIBLE_REMOTE_PORT: String(port),
    ANSIBLE_PRIVATE_KEY_FILE: key,
    ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
    ANSIBLE_SSH_ARGS:
      "-F /dev/null -o ControlMaster=auto -o ControlPersist=10s -o IdentitiesOnly=yes -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
    ...(strategy === undefined ? {} : { ANSIBLE_STRATEGY_PLUGINS: strategies, ANSIBLE_STRATEGY: strategy }),
  };
}
