import { describe, expect, it } from "vitest";
import { isSelected } from "../../../../controller/run/tags.ts";

describe("which tasks run", () => {
  const cases: [says: string, own: string[], tags: string[], skip: string[], runs: boolean][] = [
    ["without options, all", [], [], [], true],
    ["without options, none that says never", ["never", "x"], [], [], false],
    ["with a tag, those that have it", ["a", "b"], ["b"], [], true],
    ["with a tag, none of the others", ["a"], ["b"], [], false],
    ["with a tag, none without tags", [], ["b"], [], false],
    ["with a tag, those that say always", ["always"], ["b"], [], true],
    ["never and its own tag, where that is asked for", ["never", "x"], ["x"], [], true],
    ["never, where it is asked for by name", ["never"], ["never"], [], true],
    ["all is all but never", ["never", "x"], ["all"], [], false],
    ["tagged, with any tag", ["a"], ["tagged"], [], true],
    ["tagged, not without", [], ["tagged"], [], false],
    ["untagged, without a tag", [], ["untagged"], [], true],
    ["untagged, not with one", ["a"], ["untagged"], [], false],
    ["skipped by a tag", ["a"], [], ["a"], false],
    ["skipped wins over asked for", ["a", "b"], ["a"], ["b"], false],
    ["always is skipped by name alone", ["always"], [], ["always"], false],
    ["always runs where all others are skipped", ["always"], [], ["all"], true],
    ["skipping what is tagged", ["a"], [], ["tagged"], false],
  ];
  it.each(cases)("%s", (_, own, tags, skip, runs) => {
    expect(isSelected(own, { tags, skip })).toBe(runs);
  });
});
