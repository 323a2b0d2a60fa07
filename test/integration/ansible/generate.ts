import fc from "fast-check";

/** A folder of files and what is asked of them. */
export interface Sample {
  /** Text by path within the folder. */
  files: Record<string, string>;
  sources: string[];
  patterns: { pattern: string; limit: string | null }[];
}

const groups = ["web", "db", "rack1", "rack2", "Flash", "a-b", "edge.site", "empty"];
const groupName = fc.constantFrom(...groups);
const hostWords = [
  "w1",
  "w2",
  "w10",
  "d1",
  "n[1:3]",
  "n[01:03]",
  "n[01:10:4]",
  "m[a:d]",
  "m[a:e:2]x[1:2]",
  "[y:B]z",
  "r[:2]",
  "x.example.com",
  "10.0.0.1",
  "10.0.0.[1:3]",
  "fe80::1",
  "d2:2222",
  "[fe80::2]:22",
  "under_score",
  "über",
  "bad-:22",
];
const hostWord = fc.constantFrom(...hostWords);
const variable = fc.constantFrom("x", "y", "zone", "slots");

/** Values as INI files have them: what Python's literals make of them is Ansible's rule. */
const iniValues = [
  ...["1", "-3", "+3", "0644", "00", "0x1f", "0b11", "0o17", "1_000", "1.5", ".5", "1e3", "5.", "1 2", "1-1"],
  ...["True", "False", "None", "true", "yes", "null", "''", '""', "plain", "a=b", "a:b", "{{ x }}", "$HOME", "~"],
  ...["'5'", '"5"', "'a' 'b'", "[1, 2]", "(1, 2)", "(1,)", "(1)", "()", "{'a': 1, 2: None}", "[1,", "{a: 1}"],
  ...[
    "'a\\n'",
    "r'a\\n'",
    "u'x'",
    "b'x'",
    "'it\\'s'",
    "-'a'",
    "--1",
    "1 # one",
    "foo # bar",
    "[1, # two",
    "'#'",
    "x#y",
  ],
  ...["1,", "1, 2", "'a', ", "f'x'", "1__0", "0_1", "1_", "1if", "Trueish", "'''a'''", '"a\\x41\\u0042\\101"'],
];
const iniValue = fc.constantFrom(...iniValues);
const shellValues = [
  ...["1", "True", "'a b'", '"a b"', "a\\ b", "'1'", "\"'1'\"", "a'b'c", "[1,2]", "\"[1, 'a']\"", "a#b"],
];
const shellValue = fc.constantFrom(...shellValues, "''", '"#"', "'{\"a\": 1}'", '\\"q\\"', '"a\\"b"', '"a\\b"');

const assignments = fc.array(fc.tuple(variable, shellValue), { maxLength: 3 });
const iniHost = fc
  .tuple(hostWord, assignments, fc.constantFrom("", "  # note", " #note"))
  .map(([name, values, note]) => [name, ...values.map(([key, value]) => `${key}=${value}`)].join(" ") + note);
const section = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(groupName, fc.array(iniHost, { maxLength: 4 })).map(([g, hosts]) => [`[${g}]`, ...hosts]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(groupName, fc.array(groupName, { maxLength: 3 }))
      .map(([g, kids]) => [`[${g}:children]`, ...kids]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        groupName,
        fc.array(fc.tuple(variable, iniValue), { maxLength: 4 }),
        fc.option(fc.integer({ min: -2, max: 12 })),
      )
      .map(([g, values, priority]) => [
        `[${g}:vars]`,
        ...values.map(([key, value]) => `${key} = ${value}`),
        ...(priority === null ? [] : [`ansible_group_priority=${priority}`]),
      ]),
  },
);
/** Every group is declared at the end: one that is nowhere is an error, and tried elsewhere. */
const ini = fc
  .tuple(fc.array(iniHost, { maxLength: 3 }), fc.array(section, { maxLength: 7 }), fc.boolean())
  .map(([first, sections, declared]) =>
    [...first, ...sections.flat(), ...(declared ? groups.map((name) => `[${name}]`) : ["[web]"])].join("\n"),
  );

const yamlValue = fc.constantFrom(
  ...[
    "1",
    "1.5",
    "yes",
    "off",
    "null",
    "~",
    "'1'",
    '"a\\tb"',
    "plain text",
    "[1, a]",
    "{k: v}",
    "0x1f",
    "'{{ y }}'",
    "1_000",
  ],
);
const yamlVars = fc
  .uniqueArray(fc.tuple(variable, yamlValue), { maxLength: 3, selector: ([name]) => name })
  .map((pairs) => `{${pairs.map(([name, value]) => `${name}: ${value}`).join(", ")}}`);
const yamlHosts = fc
  .uniqueArray(fc.tuple(hostWord, fc.option(yamlVars)), { maxLength: 4, selector: ([name]) => name })
  .map((hosts) => `{${hosts.map(([name, vars]) => `"${name}": ${vars ?? "null"}`).join(", ")}}`);
const { yamlGroup } = fc.letrec<{ yamlGroup: string }>((tie) => ({
  yamlGroup: fc
    .record(
      {
        hosts: yamlHosts,
        vars: yamlVars,
        children: fc
          .uniqueArray(fc.tuple(groupName, fc.option(tie("yamlGroup"), { freq: 2, depthSize: "small", maxDepth: 3 })), {
            maxLength: 3,
            selector: ([name]) => name,
          })
          .map((kids) => `{${kids.map(([name, group]) => `${name}: ${group ?? "null"}`).join(", ")}}`),
      },
      { requiredKeys: [] },
    )
    .map(
      (parts) =>
        `{${Object.entries(parts)
          .map(([key, value]) => `${key}: ${value}`)
          .join(", ")}}`,
    ),
}));
const yaml = fc
  .uniqueArray(fc.tuple(fc.constantFrom("all", ...groups), yamlGroup), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name,
  })
  .chain((entries) =>
    fc
      .option(yamlHosts)
      .map((ungrouped) => (ungrouped === null ? entries : [...entries, ["ungrouped", `{hosts: ${ungrouped}}`]])),
  )
  .map((entries) => entries.map(([name, group]) => `${name}: ${group}`).join("\n"));

const variableFile = fc.tuple(
  fc.constantFrom(
    ...[
      "group_vars/all",
      "group_vars/web",
      "group_vars/db",
      "group_vars/ungrouped",
      "group_vars/w1",
      "group_vars/edge.site",
    ],
    ...["host_vars/w1", "host_vars/n1", "host_vars/x.example.com", "host_vars/d2"],
  ),
  fc.constantFrom(
    "",
    ".yml",
    ".yaml",
    ".json",
    ".txt",
    "/main.yml",
    "/a/b.yml",
    "/z.json",
    "/b~",
    "/.h.yml",
    "/x.y/z.yml",
  ),
  fc.constantFrom('{"x": "from a file"}', '{"x": 7, "zone": null}', '{"y": [1, 2]}', '{"slots": "{{ x }}"}', ""),
);
/** A path cannot be a file and a folder. */
const variableFiles = fc.array(variableFile, { maxLength: 6 }).map((each) => {
  const files: Record<string, string> = {};
  for (const [base, ending, text] of each) {
    const path = base + ending;
    const taken = Object.keys(files).some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
    if (!taken) files[path] = text;
  }
  return files;
});

const subscript = fc.constantFrom(
  "",
  "",
  "",
  "",
  "[0]",
  "[-1]",
  "[0:1]",
  "[1:]",
  "[2-3]",
  "[1:0]",
  "[0:0]",
  "[9]",
  "[:2]",
  "[-2:]",
);
const word = fc.constantFrom(
  ...[
    "all",
    "*",
    "ungrouped",
    ...groups,
    "w1",
    "w2",
    "n1",
    "n03",
    "d2",
    "x.example.com",
    "10.0.0.1",
    "fe80::1",
    "nowhere",
  ],
  ...[
    "w*",
    "*1",
    "n?",
    "[wd]*",
    "[!w]*",
    "n0[1-3]",
    "[",
    "]",
    "[]a]*",
    "*.com",
    "10.0.0.*",
    "~w\\d",
    "~(web|db)",
    "~.*1$",
    "~n0",
    "a*",
  ],
  ...["", "m[a-c]*", "[c-a]*", "[a-]*", "u*", "über", "**"],
);
const part = fc.tuple(fc.constantFrom("", "", "", "&", "!"), word, subscript).map((pieces) => pieces.join(""));
const pattern = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom(",", ":", ":", ", ", " "))
  .map(([parts, separator]) => parts.join(separator));
const question = fc.record({ pattern, limit: fc.option(pattern, { freq: 4 }) });

export const sample: fc.Arbitrary<Sample> = fc
  .record({
    first: fc.oneof(
      ini.map((text): [string, string] => ["hosts", text]),
      yaml.map((text): [string, string] => ["hosts.yml", text]),
      fc.tuple(ini, fc.boolean()).map(([text]): [string, string] => ["dir/01-hosts", text]),
    ),
    second: fc.option(
      fc.oneof(
        yaml.map((text): [string, string] => ["dir/02.yaml", text]),
        ini.map((text): [string, string] => ["other/hosts", text]),
      ),
    ),
    list: fc.option(
      fc.array(fc.constantFrom("w1", "c1", "c2:22", "fe80::9", "10.1.1.1"), { minLength: 1, maxLength: 3 }),
    ),
    files: variableFiles,
    more: variableFiles,
    patterns: fc.array(question, { minLength: 4, maxLength: 12 }),
  })
  .map(({ first, second, list, files, more, patterns }) => {
    const made: Record<string, string> = { ...files, [first[0]]: first[1] };
    const sources = [first[0].startsWith("dir/") ? "dir" : first[0]];
    for (const [path, text] of Object.entries(more)) made[`dir/${path}`] = text;
    if (!sources.includes("dir")) for (const path of Object.keys(made)) if (path.startsWith("dir/")) delete made[path];
    if (second !== null) {
      made[second[0]] = second[1];
      const source = second[0].startsWith("dir/") ? "dir" : second[0];
      if (!sources.includes(source)) sources.push(source);
    }
    if (list !== null) sources.push(`${list.join(",")},`);
    return { files: made, sources, patterns };
  });
