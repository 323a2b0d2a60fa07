import { isList, isMapping, isTrue, own, Refusal, typeName, type Value } from "../value.ts";
import { plain, type Test, type Tests } from "./test.ts";

/** A flag of a task's registered result; false where the result does not say. */
function flag(name: string, value: Value): boolean {
  if (!isMapping(value)) throw new Refusal(`'${name}' is asked of a registered result, got ${typeName(value)}`);
  return isTrue(own(value, name) ?? false);
}

const asks = (name: string): Test => plain((value) => flag(name, value));
const asksNot = (name: string): Test => plain((value) => !flag(name, value));

/** The result of a loop that does not say itself asks its items, as Ansible does. */
const changed = plain((value) => {
  const results = isMapping(value) && own(value, "changed") === undefined ? own(value, "results") : undefined;
  if (results === undefined || !isList(results) || !isMapping(results[0] ?? null)) return flag("changed", value);
  return results.some((item) => flag("changed", item));
});

/** Of a task with `async`; any other has started and finished when it has a result. */
function asyncFlag(name: string): Test {
  return plain((value) => {
    const isNamed = isMapping(value) && own(value, name) !== undefined;
    return isNamed ? own(value, name) === 1 || own(value, name) === true : !flag("", value);
  });
}

const failed = asks("failed");
const skipped = asks("skipped");
const succeeded = asksNot("failed");

/** Tests of what a task came to. */
export const resultTests: Tests = {
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed,
  change: changed,
  skipped,
  skip: skipped,
  unreachable: asks("unreachable"),
  reachable: asksNot("unreachable"),
  started: asyncFlag("started"),
  finished: asyncFlag("finished"),
};
