import * as z from "zod";
import { ErrorData } from "../errors.ts";
import { Hello, Welcome } from "./hello.ts";
import { Report, ReportReceived } from "./report.ts";
import type { AskKind } from "./subjects.ts";

interface Questions {
  hello: Hello;
  report: Report;
}

interface Answers {
  hello: Welcome;
  report: ReportReceived;
}

export type Question<K extends AskKind> = Questions[K];
export type Answer<K extends AskKind> = Answers[K];

/** Every question of a node to the controller. */
export const questions: { readonly [K in AskKind]: z.ZodType<Questions[K]> } = { hello: Hello, report: Report };

/** What the controller answers to each. */
export const answers: { readonly [K in AskKind]: z.ZodType<Answers[K]> } = { hello: Welcome, report: ReportReceived };

/** How an answer travels: itself, or why there is none. */
export const Answered = z.discriminatedUnion("is", [
  z.object({ v: z.literal(1), is: z.literal("answer"), answer: z.unknown() }),
  z.object({ v: z.literal(1), is: z.literal("error"), error: ErrorData }),
]);
export type Answered = z.infer<typeof Answered>;
