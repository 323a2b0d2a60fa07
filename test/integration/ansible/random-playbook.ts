import fc from "fast-check";

/** A playbook with the files that it reads: JSON, which is YAML too. */
export interface RandomPlaybook {
  /** By path. `site.yml` is what is run. */
  files: Readonly<Record<string, string>>;
  args: readonly string[];
  /** Hosts run ahead of each other: only the steps of each host have an order. */
  isFree: boolean;
}

/** As JSON has it. */
type Part = Record<string, unknown>;

export const inventory = `all:
  vars: { ansible_connection: local, ansible_python_interpreter: /usr/bin/python3 }
  children:
    flash:
      hosts: { f1: { kind: a }, f2: { kind: b }, f3: { kind: a } }
    databases:
      hosts: { d1: { kind: b } }
`;

const condition = fc.constantFrom(
  "inventory_hostname == 'f1'",
  "inventory_hostname != 'f2'",
  "kind == 'a'",
  "kind != 'a'",
  "inventory_hostname in groups['databases']",
  "(trace | default([]) | length) > 2",
  "r1 is defined and r1 is changed",
  "r1 is defined and r1 is skipped",
  "r2 is defined and r2 is failed",
  "(fact | default('x')) != 'x'",
  "inventory_hostname == ansible_play_hosts[0]",
  "true",
  "false",
);
/** One in so many has it. */
const oneIn = <T>(many: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: many - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => oneIn(4, arbitrary);
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => oneIn(12, arbitrary);
const conditions = fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 2 }));
const tag = fc.constantFrom("red", "blue", "always", "never");
const register = fc.constantFrom("r1", "r2");
const handlerName = fc.constantFrom("h1", "h2", "h3", "topic");

const keywords = fc.record({
  when: rarely(conditions),
  tags: seldom(fc.array(tag, { minLength: 1, maxLength: 2 })),
  ignore_errors: seldom(fc.boolean()),
  any_errors_fatal: oneIn(30, fc.constant(true)),
});

const module = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ debug: { msg: "said" } }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("x", "y", "{{ kind }}").map((fact): Part => ({ set_fact: { fact } })),
  },
  { weight: 1, arbitrary: fc.constant({ fail: { msg: "no" } }) },
  { weight: 2, arbitrary: condition.map((that): Part => ({ assert: { that: [that], quiet: true } })) },
  { weight: 1, arbitrary: fc.constant({ debug: { msg: "{{ nowhere }}" } }) },
);

const task = fc
  .record({
    module,
    keywords,
    changed_when: rarely(conditions),
    failed_when: seldom(conditions),
    loop: seldom(fc.constantFrom<unknown>([1, 2], [], ["a"], "{{ groups['flash'] }}", "{{ nowhere }}")),
    register: rarely(register),
    notify: rarely(fc.array(handlerName, { minLength: 1, maxLength: 2 })),
    run_once: seldom(fc.constant(true)),
    delegate_to: seldom(fc.constantFrom("d1", "f2")),
    delegate_facts: seldom(fc.constant(true)),
    vars: seldom(fc.constantFrom({ fact: "of the task" }, { kind: "c" })),
  })
  .map(({ module: own, keywords: inherited, ...rest }): Part => {
    const { loop, delegate_to, run_once, ...more } = rest;
    const isOpen = typeof loop === "string" && loop.includes("nowhere");
    // Ansible passes a loop that it cannot tell the items of, where the task is delegated; here it fails.
    return { ...own, ...inherited, ...more, loop, run_once, ...(isOpen ? {} : { delegate_to }) };
  });

const trace: Part = { set_fact: { trace: "{{ (trace | default([])) + [mark] }}" }, vars: { mark: "M" } };
const meta = fc.constantFrom<Part>({ meta: "flush_handlers" }, { meta: "noop" });
/** In a rescue or an always these leave Ansible with a host that counts as failed and goes on: they stand on the play's own level. */
const end = fc.record({
  meta: fc.constantFrom("end_host", "end_batch", "end_play", "clear_host_errors"),
  when: rarely(condition),
});

const include = fc.record({
  include: fc.constantFrom("include_tasks", "import_tasks", "include_role", "import_role"),
  name: fc.constantFrom("one", "two"),
  keywords,
  vars: seldom(fc.constantFrom({ fact: "of the include" }, { kind: "c" })),
  loop: seldom(fc.constantFrom([1, 2])),
});

const includePart = include.map(({ include: word, name, keywords: own, vars, loop }): Part => {
  const target = word.endsWith("role") ? { name } : `${name}.yml`;
  const { any_errors_fatal: _, ...known } = own;
  // Ansible gives the variables of an import_role to the whole play, to the tasks before it too: ours to its own tasks.
  const near = word === "import_role" ? {} : { vars };
  return { [word]: target, ...known, ...near, ...(word.startsWith("include") ? { loop } : {}) };
});

/** A block within a rescue's reach has no `always`: Ansible counts what is rescued later as failed then, by its own account. */
const { items } = fc.letrec<{ item: Part; items: Part[]; block: Part }>((tie) => ({
  item: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    { weight: 6, arbitrary: task },
    { weight: 2, arbitrary: fc.constant(trace) },
    { weight: 1, arbitrary: meta },
    { weight: 2, arbitrary: includePart },
    { weight: 4, arbitrary: tie("block") },
  ),
  items: fc.array(tie("item"), { minLength: 1, maxLength: 4 }),
  block: fc
    .record({
      block: tie("items"),
      rescue: oneIn(2, tie("items")),
      always: rarely(tie("items")),
      keywords,
    })
    .map(({ keywords: own, ...parts }): Part => ({ ...parts, ...own })),
}));

const handlers = fc
  .record({
    changes: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    listens: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    fails: seldom(condition),
    notifies: seldom(fc.constant("h3")),
  })
  .map(({ changes, listens, fails, notifies }): Part[] =>
    ["h1", "h2", "h3"].map((name, index) => ({
      name,
      debug: { msg: name },
      changed_when: changes[index],
      listen: index === 0 || listens[index] ? ["topic"] : undefined,
      failed_when: index === 1 ? fails : undefined,
      notify: index === 0 ? notifies : undefined,
    })),
  );

const play = fc
  .record({
    hosts: fc.constantFrom("all", "flash", "all:!f2"),
    serial: seldom(fc.constantFrom<unknown>(1, 2, "50%", [1, 0])),
    strategy: seldom(fc.constant("free")),
    order: seldom(fc.constantFrom("reverse_inventory", "sorted")),
    force_handlers: seldom(fc.boolean()),
    any_errors_fatal: oneIn(20, fc.constant(true)),
    max_fail_percentage: seldom(fc.constantFrom(0, 40, 60)),
    pre_tasks: rarely(items),
    end: seldom(end),
    roles: seldom(fc.constantFrom(["one"], ["one", { role: "two", fact: "of the role" }])),
    tasks: items,
    post_tasks: rarely(items),
    handlers,
  })
  .map(({ end: last, tasks, ...parts }): Part => {
    const whole = { ...parts, tasks: last === undefined ? tasks : [...tasks, last, ...tasks], gather_facts: false };
    if (parts.strategy !== "free") return whole;
    // Where hosts run ahead of each other Ansible knows no errors that are fatal for all, and who is lost by when is left to chance.
    const text = JSON.stringify(whole, (key, value) => (key === "any_errors_fatal" ? undefined : value));
    return JSON.parse(text.replaceAll("inventory_hostname == ansible_play_hosts[0]", "kind == 'a'"));
  });

const last: Part = {
  hosts: "all",
  gather_facts: false,
  tasks: [
    {
      name: "final",
      debug: {
        msg:
          "{{ trace | default([]) }} {{ fact | default('none') }} " +
          "{{ r1 is defined and r1 is changed }} {{ r2 is defined and r2 is failed }} " +
          "{{ r1.results | default([]) | length }} {{ hostvars['d1'].fact | default('none') }}",
      },
      tags: "always",
    },
  ],
};

/** Names the tasks by their place, which tells them apart in what is printed. */
function named(parts: readonly Part[], at: string): Part[] {
  return parts.map((part, index) => {
    const name = `${at}${index}`;
    const inner = Object.entries(part).map(([key, value]): [string, unknown] => [
      key,
      ["block", "rescue", "always"].includes(key) && Array.isArray(value) ? named(value, `${name}${key[0]}`) : value,
    ]);
    const vars = part === trace ? { vars: { mark: name } } : {};
    // Ansible prints the metas that it passes by their names.
    const isNamed = part.block === undefined && part.meta === undefined;
    return { name: isNamed ? name : undefined, ...Object.fromEntries(inner), ...vars };
  });
}

const text = (value: unknown) => JSON.stringify(value, undefined, 1);

export const randomPlaybook: fc.Arbitrary<RandomPlaybook> = fc
  .record({
    plays: fc.array(play, { minLength: 1, maxLength: 2 }),
    one: fc.array(task, { minLength: 1, maxLength: 3 }),
    two: fc.array(fc.oneof({ weight: 3, arbitrary: task }, { weight: 1, arbitrary: fc.constant(trace) }), {
      minLength: 1,
      maxLength: 2,
    }),
    words: seldom(
      fc.constantFrom(
        ["--tags", "red"],
        ["--skip-tags", "blue"],
        ["--tags", "never"],
        ["--force-handlers"],
        ["--limit", "f1,d1"],
      ),
    ),
  })
  .map(({ plays, one, two, words }) => {
    const sections = ["pre_tasks", "tasks", "post_tasks"] as const;
    const site = plays.map((each, index) => ({
      name: `play ${index}`,
      ...each,
      ...Object.fromEntries(
        sections.flatMap((key) => {
          const list = each[key];
          return Array.isArray(list) ? [[key, named(list, `${"abc"[index]}.${key[0]}`)]] : [];
        }),
      ),
    }));
    return {
      files: {
        "site.yml": text([...site, { name: "last", ...last }]),
        "one.yml": text(named(one, "i.")),
        "two.yml": text(named(two, "j.")),
        "roles/one/tasks/main.yml": text(named(one, "k.")),
        "roles/two/tasks/main.yml": text(named(two, "l.")),
        "roles/two/defaults/main.yml": text({ fact: "default" }),
      },
      args: words ?? [],
      isFree: plays.some(({ strategy }) => strategy === "free"),
    };
  });
