import type { Meta } from "../project/playbook.ts";
import { moduleOf, type Step } from "./program.ts";
import type { BatchOf, Stage } from "./stage.ts";

/** Tells what a batch does next, to the journal and whoever looks on. */
export class Announcer {
  readonly #stage: Stage;
  readonly #of: BatchOf;
  readonly #tasks = new Map<string, number>();
  #announced: number;

  constructor(stage: Stage, of: BatchOf) {
    this.#stage = stage;
    this.#of = of;
    this.#announced = stage.history.own.announced(of.at.play, of.at.batch);
  }

  /** Before anything is sent; once, however many hosts come by later, and not again for what was announced before. */
  async announce(step: Exclude<Step, Meta>, place: string, hosts: readonly string[]): Promise<number> {
    const { play, batch } = this.#of.at;
    const known = this.#tasks.get(place) ?? this.#stage.history.own.taskAt(play, batch, place);
    if (known !== undefined) return known;
    const task = this.#announced++;
    this.#tasks.set(place, task);
    await this.#stage.journal.append({
      is: "task",
      ...this.#of.at,
      task,
      place,
      name: this.#stage.redaction.text(this.#nameOf(step, hosts[0] ?? "")),
      module: moduleOf(step),
      ...(step.is === "handler" ? { handler: true } : {}),
      hosts: [...hosts],
    });
    return task;
  }

  /**
   * With `--step`, whether somebody wants this step, as Ansible asks for it; once, whoever comes by. Rejects with the run's signal.
   */
  async isWanted(step: Exclude<Step, Meta>, place: string, hosts: readonly string[]): Promise<boolean> {
    if (!this.#stage.plan.step || this.#stage.questions.isThrough) return true;
    const { play, batch } = this.#of.at;
    const name = this.#stage.redaction.text(this.#nameOf(step, hosts[0] ?? ""));
    const text = `Perform task: ${step.is === "handler" ? "HANDLER" : "TASK"}: ${name} (N)o/(y)es/(c)ontinue: `;
    const answer = (await this.#stage.questions.ask(`step ${play}.${batch} ${place}`, text)).trim().toLowerCase();
    if (answer === "c" || answer === "continue") this.#stage.questions.isThrough = true;
    return ["y", "yes", "c", "continue"].includes(answer);
  }

  #nameOf(step: Exclude<Step, Meta>, host: string): string {
    if (step.is === "facts") return "Gathering Facts";
    const task = step.is === "handler" ? step.handler : step;
    const { name, role } = task;
    const prefix = role === undefined ? "" : `${role.name} : `;
    if (name === undefined && step.is === "include" && step.word === "include_role")
      return `${prefix}include_role : ${step.target.text}`;
    if (name === undefined) return `${prefix}${moduleOf(step)}`;
    try {
      return `${prefix}${name.render(this.#stage.scopes.ofTask(this.#of.play, this.#of.hosts, task, host))}`;
    } catch {
      // A name that cannot be evaluated is shown as it was written; the task says what is wrong.
      return `${prefix}${name.text}`;
    }
  }
}
