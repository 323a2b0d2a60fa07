import { FlashfleetError } from "../../shared/errors.ts";
import { isJson, type Json } from "../../shared/protocol/json.ts";
import type { Project } from "../api/messages.ts";
import { ManyProblems } from "../api/problems.ts";
import { loadProject } from "../project/load-project.ts";
import type { Play, Prompt } from "../project/playbook.ts";
import { openedKeyring } from "../project/vault/keyring.ts";
import type { Context } from "./context.ts";

/**
 * The project with what people answer to the `vars_prompt` of its plays, as far as it lacks that. Where stdin is no terminal the defaults are taken, and
 * a question without one is `bad_argument`, as are mistakes in the files, all at once.
 */
export async function withAnswers(context: Context, project: Project): Promise<Project> {
  if (!Object.values(project.files).some((text) => text.includes("vars_prompt"))) return project;
  const extraVars = Object.assign({}, ...project.extraVars);
  const answers = [...(project.answers ?? [])];
  for (const [play, { prompts }] of playsIn(project).entries()) {
    for (const prompt of prompts) {
      if (Object.hasOwn(extraVars, prompt.name)) continue;
      if (answers.some((answer) => answer.play === play && answer.name === prompt.name)) continue;
      const value = await ask(context, prompt);
      answers.push({ play, name: prompt.name, value });
    }
  }
  return { ...project, answers };
}

/** The project without what was typed unseen: {@link withAnswers} asks for it again. */
export function withoutHiddenAnswers(project: Project): Project {
  const { answers } = project;
  if (answers === undefined) return project;
  const plays = playsIn(project);
  const isHidden = ({ play, name }: (typeof answers)[number]) =>
    plays[play]?.prompts.some((prompt) => prompt.name === name && prompt.isPrivate) === true;
  return { ...project, answers: answers.filter((answer) => !isHidden(answer)) };
}

function playsIn(project: Project): Play[] {
  const extraVars = Object.assign({}, ...project.extraVars);
  const keyring = project.vault === undefined ? undefined : openedKeyring(project.vault.opened);
  const loaded = loadProject({ ...project, extraVars, keyring });
  if (!loaded.ok) throw new ManyProblems(loaded.errors);
  return loaded.project.playbooks.flatMap((playbook) => playbook.plays);
}

async function ask(context: Context, prompt: Prompt): Promise<Json> {
  const { name, text, isPrivate, isConfirmed, place } = prompt;
  const otherwise = isJson(prompt.default) ? prompt.default : undefined;
  if (context.answer === undefined) {
    if (otherwise !== undefined) return otherwise;
    throw new FlashfleetError("bad_argument", `cannot ask for '${name}': stdin is no terminal`, {
      hint: `-e ${name}=value`,
      place,
    });
  }
  const shown = isPrivate || otherwise === undefined ? text : `${text} [${String(otherwise)}]`;
  for (;;) {
    const first = await one(context, `${shown}: `, isPrivate);
    const second = isConfirmed ? await one(context, `confirm ${shown}: `, isPrivate) : first;
    if (first === second) return first === "" && otherwise !== undefined ? otherwise : first;
    context.say("the two answers differ\n");
  }
}

async function one({ answer, stop }: Context, question: string, hidden: boolean): Promise<string> {
  const given = await answer?.(question, { hidden, signal: stop });
  if (given !== undefined) return given;
  throw new FlashfleetError("bad_argument", "cannot run: nobody answers what the playbook asks for", {
    hint: "-e name=value answers beforehand",
  });
}
