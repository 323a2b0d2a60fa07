import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type Benchmark, countOf, optionsOf, say } from "../benchmark.ts";
import { median, spread, table } from "../figures.ts";
import { bundleProgram } from "../fresh-process.ts";
import { type AnsibleFigures, measureAnsible } from "./ansible.ts";
import { BenchFleet, type Programs, type Stretch } from "./fleet.ts";
import { taskCount } from "./plays.ts";

const megabyte = 1e6;
const idleSeconds = 5;
/** After changes agents look at their nodes once more. */
const settleSeconds = 4;

interface Figures {
  nodes: number;
  resources: Stretch[];
  floor: Stretch[];
  files: Stretch[];
  idle: Stretch;
  bytes: { request: number; answer: number };
}

async function run(args: string[]): Promise<void> {
  const values = optionsOf(args, {
    nodes: { type: "string", multiple: true },
    runs: { type: "string" },
    processes: { type: "string" },
    drives: { type: "string" },
    seconds: { type: "string" },
    "no-ansible": { type: "boolean" },
    profile: { type: "string" },
  });
  const sizes = (values.nodes ?? ["100", "1000", "5000"]).map((each) => countOf("nodes", each, 0));
  const runs = countOf("runs", values.runs, 3);
  const processes = countOf("processes", values.processes, 2);
  const drives = countOf("drives", values.drives, 4);
  const seconds = countOf("seconds", values.seconds, 60);
  const programs = await bundle(values.profile);
  const all: Figures[] = [];
  for (const nodes of sizes) {
    say(`\n${nodes} model nodes with ${drives} drives, agents in ${processes} processes; medians of ${runs} runs`);
    const figures = await measure(programs, { nodes, processes, drives, runs, profile: values.profile !== undefined });
    show(figures);
    all.push(figures);
  }
  if (values["no-ansible"] === true) return;
  const ansible = await measureAnsible({ seconds, runs });
  compare(ansible, all);
}

async function bundle(profile: string | undefined): Promise<Programs> {
  if (profile !== undefined) {
    await mkdir(profile, { recursive: true });
    process.env.FLASHFLEET_BENCH_PROFILE = resolve(profile);
  }
  return {
    flashfleet: await bundleProgram("fanout/flashfleet", "controller/main.ts"),
    agents: await bundleProgram("fanout/agents-process"),
    floor: await bundleProgram("fanout/floor-process"),
    profile: profile === undefined ? undefined : await bundleProgram("fanout/profile-process"),
  };
}

interface Wanted {
  nodes: number;
  processes: number;
  drives: number;
  runs: number;
  profile: boolean;
}

async function measure(programs: Programs, { runs, profile, ...size }: Wanted): Promise<Figures> {
  await using fleet = await BenchFleet.start(programs, size);
  const seconds = (await fleet.make("resources")) + (await fleet.make("files"));
  say(`everything was made in ${seconds.toFixed(0)} s`);
  const bytes = await bytesOf(fleet, size.nodes);
  await fleet.floor(taskCount, bytes);
  await fleet.idle(settleSeconds);
  const idle = await fleet.idle(idleSeconds);
  const figures: Figures = { nodes: size.nodes, resources: [], floor: [], files: [], idle, bytes };
  if (profile) signalAll(fleet);
  for (let time = 0; time < runs; time++) figures.resources.push(await fleet.run("resources"));
  if (profile) signalAll(fleet);
  for (let time = 0; time < runs; time++) figures.floor.push(await fleet.floor(taskCount, bytes));
  for (let time = 0; time < runs; time++) figures.files.push(await fleet.run("files"));
  return figures;
}

function signalAll({ pids }: BenchFleet): void {
  for (const pid of [pids.controller, ...pids.agents]) process.kill(pid, "SIGUSR2");
}

/** Bytes of an order, and of all answers to it; heartbeats and reports that come meanwhile are few. */
async function bytesOf(fleet: BenchFleet, nodes: number): Promise<Figures["bytes"]> {
  const before = await fleet.traffic();
  await fleet.run("resources");
  const after = await fleet.traffic();
  const each = (sum: number) => Math.round(sum / nodes / taskCount);
  return { request: each(after.inBytes - before.inBytes), answer: each(after.outBytes - before.outBytes) };
}

const cpuOf = ({ controller, nats, agents, client }: Stretch) => controller + nats + agents + client;

function show({ nodes, resources, floor, files, idle, bytes }: Figures): void {
  const hostTasks = nodes * taskCount;
  say(
    `${taskCount} tasks each, ${bytes.request} bytes of order and ${bytes.answer} of answer; CPU in ms per host-task; what goes on anyway: ${(cpuOf(idle) / idle.wall).toFixed(2)} of a core`,
  );
  const row = (name: string, stretches: readonly Stretch[]) => {
    const per = (value: (each: Stretch) => number) => ((median(stretches.map(value)) * 1000) / hostTasks).toFixed(3);
    return [
      name,
      spread(
        stretches.map(({ wall }) => wall),
        2,
      ),
      per(({ wall }) => wall),
      per(cpuOf),
      per(({ controller }) => controller),
      per(({ agents }) => agents),
      per(({ nats }) => nats),
      per(({ client }) => client),
      (median(stretches.map(({ memory }) => memory.rss)) / megabyte).toFixed(0),
      (Math.max(...stretches.map(({ memory }) => memory.peak)) / megabyte).toFixed(0),
    ];
  };
  say(
    table([
      ["", "s", "ms each", "CPU", "controller", "agents", "nats", "client", "controller MB", "peak MB"],
      row("resources", resources),
      row("the floor", floor),
      row("files", files),
    ]),
  );
  const ratio = (value: (each: Stretch) => number) =>
    (median(resources.map(value)) / median(floor.map(value))).toFixed(1);
  // Heartbeats and looks of thousands of agents, which share two processors here alone.
  const own = (stretch: Stretch) => cpuOf(stretch) - (cpuOf(idle) / idle.wall) * stretch.wall;
  say(
    `resources over the floor: ${ratio(({ wall }) => wall)} times the time, ${ratio(cpuOf)} times the CPU, ${ratio(own)} times without what goes on anyway`,
  );
}

function compare(ansible: readonly AnsibleFigures[], all: readonly Figures[]): void {
  say("\nthe tasks of files.yml over ssh to loopback, ms per host-task:");
  for (const { name, missing, hosts, forks, wall, connected, cpu } of ansible) {
    if (missing !== undefined) {
      say(`${name}: left out: ${missing}`);
      continue;
    }
    const each = (value: number) => (value * 1000) / hosts / taskCount;
    say(
      `${name}: ${spread(wall.map(each), 1)}, CPU ${spread(cpu.map(each), 1)}; once connected ${each(connected).toFixed(1)}; ${hosts} hosts, ${forks} forks`,
    );
    for (const { nodes, files, resources } of all) {
      const own = (stretches: readonly Stretch[]) =>
        (median(stretches.map((stretch) => stretch.wall)) * 1000) / nodes / taskCount;
      const times = (stretches: readonly Stretch[]) =>
        [median(wall), connected]
          .map((seconds) => (each(seconds) / own(stretches)).toFixed(0))
          .join(", once connected ");
      say(
        `  ${nodes} nodes: ${times(files)} times what flashfleet takes for them; ${times(resources)} times what it takes for resources`,
      );
    }
  }
}

export const fanout: Benchmark = {
  says: "ten tasks that have nothing to do over many nodes, beside bare NATS, ansible-playbook and Mitogen",
  usage: `
Options:
  --nodes N       model nodes; may be given more than once (default: 100, 1000 and 5000)
  --runs N        of each playbook, once everything is made (default: 3)
  --processes N   of agents (default: 2)
  --drives N      local drives of each node (default: 4)
  --seconds N     that ansible-playbook and Mitogen may take for a run each (default: 60)
  --no-ansible    without them
  --profile DIR   write CPU profiles of the controller and the agents there, of the runs of resources

Ansible and Mitogen do the tasks over ssh to an sshd of the benchmark's own, which listens on loopback while they run. They
need root on Debian, and: apt-get install --no-install-recommends ansible-core ansible-mitogen openssh-server openssh-client

Examples:
  npm run bench -- fanout
  npm run bench -- fanout --nodes 1000 --no-ansible --profile /tmp/profiles
`,
  run,
};
