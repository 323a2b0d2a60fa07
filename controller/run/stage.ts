import type { Play } from "../project/playbook.ts";
import type { History } from "./history.ts";
import type { RunJournal } from "./journal.ts";
import type { Bench } from "./perform.ts";
import type { RunPlan } from "./plan.ts";
import type { Node } from "./program.ts";
import type { Questions } from "./questions.ts";
import type { Redaction } from "./redact.ts";
import type { Scopes } from "./scopes.ts";
import type { RunState } from "./state.ts";

/** What a play runs with. */
export interface Stage {
  plan: RunPlan;
  bench: Bench;
  journal: RunJournal;
  questions: Questions;
  state: RunState;
  scopes: Scopes;
  /** Of this run before its controller was started anew, and of the run that it resumes. */
  history: { own: History; past: History };
  redaction: Redaction;
}

export interface BatchOf {
  play: Play;
  /** Of the play and of the batch, counted from 0. */
  at: { play: number; batch: number };
  hosts: readonly string[];
  program: readonly Node[];
}
