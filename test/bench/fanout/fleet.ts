import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { identityOf } from "../model-fleet.ts";
import { Child } from "./child.ts";
import { type Control, startControl } from "./control.ts";
import { AgentsSay, FloorSays, type Traffic } from "./messages.ts";
import { type Chunk, files, inventoryOf, resources } from "./plays.ts";
import { forgetPeak, memoryOf, usedBy } from "./processes.ts";

/** Requests under way at once: the default of `flashfleet run`. */
const forks = 500;

const mostTimes = 10;

type PlaybookName = "resources" | "files";

/** Bundled programs. */
export interface Programs {
  flashfleet: string;
  agents: string;
  floor: string;
  /** Loaded before the controller and the agents. */
  profile: string | undefined;
}

/** What a stretch of time took, in seconds; of CPU by process. */
export interface Stretch {
  wall: number;
  controller: number;
  nats: number;
  agents: number;
  /** `flashfleet run`, or the sender of the floor. */
  client: number;
  /** Bytes of the controller: resident afterwards, and at its highest. */
  memory: { rss: number; peak: number };
}

type Agents = Child<z.infer<typeof AgentsSay>>;
type Floor = Child<z.infer<typeof FloorSays>>;

/** A controller, a nats-server and agents on model nodes in some processes; and what sends the floor's requests. */
export class BenchFleet implements AsyncDisposable {
  readonly #control: Control;
  readonly #agents: readonly Agents[];
  readonly #floor: Floor;
  readonly #count: number;

  private constructor(control: Control, agents: readonly Agents[], floor: Floor, count: number) {
    this.#control = control;
    this.#agents = agents;
    this.#floor = floor;
    this.#count = count;
  }

  /** Resolves when the controller has welcomed every node. */
  static async start(programs: Programs, size: { nodes: number; processes: number; drives: number }) {
    const options = programs.profile === undefined ? [] : ["--import", programs.profile];
    const control = await startControl(programs.flashfleet, options);
    const chunks = chunksOf(size.nodes, size.processes);
    const key = randomBytes(32).toString("base64url");
    const { server, directory } = control;
    const agents = chunks.map(
      (chunk) => new Child(programs.agents, { ...chunk, server, key, drives: size.drives }, AgentsSay, options),
    );
    const floor = new Child(programs.floor, { server, key }, FloorSays);
    const fleet = new BenchFleet(control, agents, floor, size.nodes);
    try {
      await Promise.all([...agents, floor].map((child) => child.next()));
      await mkdir(join(directory, "project"));
      const written = { "hosts.ini": inventoryOf(chunks), "resources.yml": resources, "files.yml": files };
      for (const [name, content] of Object.entries(written)) await writeFile(join(directory, "project", name), content);
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of the processes that can be profiled. */
  get pids(): { controller: number; agents: number[] } {
    return { controller: this.#control.pid, agents: this.#agents.map(({ pid }) => pid) };
  }

  /**
   * Runs a playbook until it has nothing to do any more, and gives the seconds that took. Agents that share a process are all
   * silent while one of them works: few at once have to wait, and who counts as unreachable all the same has another turn.
   */
  async make(playbook: PlaybookName): Promise<number> {
    const began = performance.now();
    for (let time = 0; time < mostTimes; time++) {
      const answer = await this.#command(playbook, "--forks", "50");
      if (isDone(answer, this.#count)) return (performance.now() - began) / 1000;
    }
    throw new Error(`${playbook} still has something to do after ${mostTimes} runs`);
  }

  /** `flashfleet run` of a playbook that has nothing to do any more. */
  async run(playbook: PlaybookName): Promise<Stretch> {
    let answer = { code: 0, out: "", err: "" };
    const stretch = await this.#measure(async () => {
      answer = await this.#command(playbook);
    });
    if (isDone(answer, this.#count)) return stretch;
    throw new Error(`${playbook} ended with ${answer.code}: ${answer.err}${answer.out.slice(-4000)}`);
  }

  #command(playbook: PlaybookName, ...more: string[]) {
    const project = join(this.#control.directory, "project");
    const files = [join(project, `${playbook}.yml`), "-i", join(project, "hosts.ini")];
    return this.#control.command("run", ...files, "-e", "root=/etc/flash", ...more);
  }

  /** The same number of requests and answers, with as many bytes and a MAC each. */
  async floor(rounds: number, bytes: { request: number; answer: number }): Promise<Stretch> {
    for (const child of this.#agents) child.tell({ do: "answer", bytes: bytes.answer });
    const nodes = Array.from({ length: this.#count }, (_, index) => identityOf(index).name);
    const before = await usedBy(this.#floor.pid);
    let wall = 0;
    const stretch = await this.#measure(async () => {
      this.#floor.tell({ nodes, rounds, forks, bytes: bytes.request });
      const done = await this.#floor.next();
      if (done.is === "done") wall = done.millis / 1000;
    });
    return { ...stretch, wall, client: (await usedBy(this.#floor.pid)).own - before.own };
  }

  /** What goes on when nobody asks for anything. */
  idle(seconds: number): Promise<Stretch> {
    return this.#measure(() => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  }

  /** Over the connections of all agents, so far. */
  async traffic(): Promise<Traffic> {
    const all = { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };
    for (const child of this.#agents) {
      child.tell({ do: "traffic" });
      const said = await child.next();
      if (said.is !== "traffic") continue;
      all.inMsgs += said.traffic.inMsgs;
      all.inBytes += said.traffic.inBytes;
      all.outMsgs += said.traffic.outMsgs;
      all.outBytes += said.traffic.outBytes;
    }
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#agents, this.#floor].map((child) => child[Symbol.asyncDispose]()));
    await this.#control[Symbol.asyncDispose]();
  }

  async #measure(work: () => Promise<void>): Promise<Stretch> {
    const { pid } = this.#control;
    await forgetPeak(pid);
    const before = await this.#used();
    const began = performance.now();
    await work();
    const wall = (performance.now() - began) / 1000;
    const after = await this.#used();
    const memory = await memoryOf(pid);
    return {
      wall,
      controller: after.controller - before.controller,
      nats: after.nats - before.nats,
      agents: after.agents - before.agents,
      client: after.commands - before.commands,
      memory,
    };
  }

  async #used() {
    const own = async (pid: number) => (await usedBy(pid)).own;
    const [controller, nats, ...agents] = await Promise.all(
      [this.#control.pid, this.#control.nats, ...this.#agents.map(({ pid }) => pid)].map(own),
    );
    const { children } = await usedBy(process.pid);
    const sum = agents.reduce((total, each) => total + each, 0);
    return { controller: controller ?? 0, nats: nats ?? 0, agents: sum, commands: children };
  }
}

function chunksOf(nodes: number, processes: number): Chunk[] {
  const each = Math.ceil(nodes / processes);
  return Array.from({ length: Math.min(processes, nodes) }, (_, index) => {
    const first = index * each;
    return { first, count: Math.max(0, Math.min(each, nodes - first)) };
  }).filter(({ count }) => count > 0);
}

function isDone({ code, out }: { code: number; out: string }, hosts: number): boolean {
  const recaps = [...out.matchAll(/ok=(\d+)\s+changed=(\d+)/g)];
  return code === 0 && recaps.length === hosts && recaps.every(([, , changed]) => changed === "0");
}
