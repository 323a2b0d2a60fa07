import { readFileSync } from "node:fs";
import { z } from "zod";

/** A value, or nothing where the collection refuses the expression. */
const Answer = z.array(z.json()).max(1);
const Line = z.union([
  z.object({ ipaddr: z.string(), answers: z.record(z.string(), Answer) }),
  z.object({ test: z.string(), answers: z.record(z.string(), Answer) }),
  z.object({ expression: z.string(), answer: Answer }),
]);

export interface CollectionAnswer {
  expression: string;
  answer: z.infer<typeof Answer>;
}

/**
 * What ansible.utils 2.10 and community.general 6.6 (Debian's package `ansible` 7.7, with netaddr 0.8) answered to
 * `expressions.py` of the integration tests. A line is an address with what `ipaddr` or the tests say of it, or an expression.
 */
export function collectionAnswers(): CollectionAnswer[] {
  const text = readFileSync(new URL("../unit/controller/template/collections.jsonl", import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line): CollectionAnswer[] => {
      const read = Line.parse(JSON.parse(line));
      if ("expression" in read) return [read];
      return Object.entries(read.answers).map(([name, answer]) => ({
        expression:
          "ipaddr" in read
            ? `'${read.ipaddr}' | ansible.utils.ipaddr('${name}')`
            : `'${read.test}' is ansible.utils.${name}`,
        answer,
      }));
    });
}
