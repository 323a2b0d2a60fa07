import { describe, expect, test } from "vitest";
import { choiceFields, VolumeArguments } from "../../../controller/pairing/volume-arguments.ts";
import { pairKeywords } from "../../../controller/project/pair.ts";
import { rows, section } from "../../support/pages.ts";

describe("docs/pair-plays.md", () => {
  const page = "docs/pair-plays.md";

  test("has every field of a pair and of a volume, and no other", () => {
    expect(rows(section(page, "## Fields of the pair")).sort()).toEqual([...pairKeywords].sort());
    expect(rows(section(page, "## Fields of a volume")).sort()).toEqual(Object.keys(VolumeArguments.shape).sort());
  });

  test("says of a volume that it takes every choice of the pair", () => {
    const fields = rows(section(page, "## Fields of a volume"));
    expect(Object.keys(choiceFields).filter((name) => !fields.includes(name))).toEqual([]);
  });
});
