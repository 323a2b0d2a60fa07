import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { exitCodes } from "../../../controller/cli/context.ts";
import { foreignModules } from "../../../controller/project/foreign-modules.ts";
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
import { functionNames } from "../../../controller/template/functions.ts";
import { lookups, refusedLookups } from "../../../controller/template/lookups/lookups.ts";
import { methods } from "../../../controller/template/methods.ts";
import { refusedFilters, refusedTests } from "../../../controller/template/refused.ts";
import { tests } from "../../../controller/template/tests.ts";
import { Facts, MachineFacts } from "../../../shared/protocol/facts.ts";
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

  test("names every module of Ansible that is not here, none of which is", () => {
    const there = rows(section(page, "### Modules that are not here"));
    expect(there.toSorted()).toEqual(Object.keys(foreignModules).toSorted());
    expect(moduleNames.filter((name) => Object.hasOwn(foreignModules, name))).toEqual([]);
  });

  test("names every filter and every test of expressions, and no other", () => {
    expect(named(section(page, "### Filters")).sort()).toEqual(Object.keys(filters).sort());
    expect(named(section(page, "### Tests")).sort()).toEqual(Object.keys(tests).sort());
  });

  test("names every function and method of expressions, and what is refused", () => {
    const text = section(page, "### Functions and methods");
    const line = (start: string) => named(text.split("\n").find((each) => each.startsWith(start)) ?? "").sort();
    expect(line("Functions: ")).toEqual(functionNames.toSorted());
    for (const [of, table] of Object.entries(methods)) expect(line(`| ${of} |`)).toEqual(Object.keys(table).sort());
    const refused = rows(section(page, "### Refused filters and tests")).sort();
    expect(refused).toEqual([...Object.keys(refusedFilters), ...Object.keys(refusedTests)].sort());
  });

  test("names every lookup, and those that are refused", () => {
    const text = section(page, "### Lookups");
    expect(rows(text).sort()).toEqual(Object.keys(lookups).sort());
    expect(named(text.slice(text.indexOf("Refused before the run")))).toEqual(Object.keys(refusedLookups));
  });

  test("has every fact", () => {
    const text = section(page, "### Facts");
    expect(rows(text)).toEqual(Object.keys(Facts.shape).map((name) => `facts.${name}`));
    const { kernel, nvme, drives, addresses } = Facts.shape;
    const objects = [kernel, nvme, drives.element, addresses.element, MachineFacts, MachineFacts.shape.mounts.element];
    const parts = objects.flatMap((each) => Object.keys(each.shape));
    expect(missing(parts, named(text))).toEqual([]);
  });

  test("has every exit code", () => {
    const codes = [...section(page, "## Output and exit codes").matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    );
    expect(codes).toEqual(Object.values(exitCodes));
  });
});
