import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { exitCodes } from "../../../controller/cli/context.ts";
import {
  fixedKeywords,
  ignoredKeywords,
  laterForPlays,
  laterForTasks,
  playKeywords,
  taskKeywords,
} from "../../../controller/project/keywords.ts";
import { moduleNames, namesAt, schemaOf } from "../../../controller/project/modules.ts";
import { filters } from "../../../controller/template/filters/filters.ts";
import { tests } from "../../../controller/template/tests.ts";
import { Facts } from "../../../shared/protocol/facts.ts";
import { missing, named, rows, section } from "../../support/pages.ts";

describe("docs/playbooks.md", () => {
  const page = "docs/playbooks.md";

  /** `ports`, `namespaces`, `namespaces.nsid`, … */
  function fieldsOf(schema: z.ZodType, path: readonly string[] = []): string[] {
    return namesAt(schema, path.flatMap((name) => [name, 0]).slice(0, path.length * 2)).flatMap((name) => [
      [...path, name].join("."),
      ...fieldsOf(schema, [...path, name]),
    ]);
  }

  test.each(moduleNames)("the section of %s has every field and no other", (name) => {
    const fields = fieldsOf(schemaOf(name));
    expect(rows(section(page, `### ${name}`)).sort()).toEqual(fields.sort());
  });

  test("nested fields are looked at", () => {
    expect(fieldsOf(schemaOf("command")).length).toBeGreaterThan(1);
    expect(fieldsOf(schemaOf("nvmet_subsystem"))).toContain("namespaces.nsid");
    expect(fieldsOf(schemaOf("nvmet_port"))).toContain("referrals.port_id");
    expect(fieldsOf(schemaOf("nvme_connection"))).toContain("paths.host_interface");
  });

  test("has every keyword of plays and of tasks, and no other", () => {
    expect(rows(section(page, "## Play keywords")).sort()).toEqual([...playKeywords].sort());
    const ofTasks = section(page, "## Task keywords").split("\n### ")[0] ?? "";
    expect(rows(ofTasks).sort()).toEqual([...taskKeywords].sort());
  });

  test("names every keyword that is without effect, fixed, or not there yet", () => {
    const there = named(section(page, "## Task keywords"));
    expect(missing([...ignoredKeywords], there)).toEqual([]);
    const fixed = Object.entries(fixedKeywords).map(([keyword, [value]]) => `${keyword}: ${value}`);
    expect(missing(fixed, there)).toEqual([]);
    expect(missing([...Object.keys(laterForPlays), ...Object.keys(laterForTasks)], there)).toEqual([]);
  });

  test("names every filter and every test of expressions, and no other", () => {
    const text = section(page, "## Expressions");
    const list = (title: string) => named(new RegExp(`^\\*\\*${title}:\\*\\*(.*)$`, "m").exec(text)?.[1] ?? "").sort();
    expect(list("Filters")).toEqual(Object.keys(filters).sort());
    expect(list("Tests")).toEqual(Object.keys(tests).sort());
  });

  test("has every fact", () => {
    const text = section(page, "### Facts");
    expect(rows(text)).toEqual(Object.keys(Facts.shape).map((name) => `facts.${name}`));
    const { kernel, nvme, drives, addresses } = Facts.shape;
    const parts = [kernel, nvme, drives.element, addresses.element].flatMap((each) => Object.keys(each.shape));
    expect(missing(parts, named(text))).toEqual([]);
  });

  test("has every exit code", () => {
    const codes = [...section(page, "## Output and exit codes").matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    );
    expect(codes).toEqual(Object.values(exitCodes));
  });
});
