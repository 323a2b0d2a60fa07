import { didYouMean } from "./suggest.ts";

/** Why a filter, a test or a function that Ansible has is not there, and what to write instead. */
export interface Reason {
  readonly reason: string;
  readonly hint: string;
}

const random: Reason = {
  reason: "templates know no chance: the same run must be the same tomorrow",
  hint: "give it as a variable: -e name=value",
};
const password: Reason = {
  reason: "templates know no chance, and a password has a new salt every time",
  hint: "keep the hash in a variable of a vault",
};
const vault: Reason = {
  reason: "templates neither encrypt nor decrypt",
  hint: "flashfleet vault encrypts files and values; what is encrypted is opened where it is read",
};
const files: Reason = {
  reason: "templates see no files of the controller",
  hint: "lookup('file', …) reads those of the project; a task with command and register asks a node",
};
const home: Reason = {
  reason: "templates have no home folder and no environment",
  hint: "write the path out, or give it as a variable",
};
const windows: Reason = { reason: "no node runs Windows", hint: "take 'basename', 'dirname' or 'split'" };
const markup: Reason = { reason: "it makes HTML", hint: "escape with '| e'" };
const dates: Reason = {
  reason: "templates have no dates to reckon with",
  hint: "reckon with seconds since 1970, and write them with '%Y-%m-%d' | strftime(seconds)",
};
const jmespath: Reason = {
  reason: "there is no JMESPath",
  hint: "use selectattr, map(attribute='a.b'), dict2items and flatten",
};
const parsers: Reason = {
  reason: "it needs a library that reads the output of programs",
  hint: "ask the program for JSON and use from_json, or take regex_findall",
};

/** Filters that are known, and refused wherever they stand. */
export const refusedFilters: Readonly<Record<string, Reason>> = {
  attr: {
    reason: "values have entries, and no attributes beside them",
    hint: "write value.name or value['name']; in a list map(attribute='name')",
  },
  password_hash: password,
  vault,
  unvault: vault,
  fileglob: { ...files, hint: "use lookup('fileglob', …)" },
  realpath: files,
  expanduser: home,
  expandvars: home,
  win_basename: windows,
  win_dirname: windows,
  win_splitdrive: windows,
  xmlattr: markup,
  urlize: markup,
  forceescape: markup,
  to_datetime: dates,
  json_query: jmespath,
  jc: parsers,
  parse_cli: parsers,
  parse_cli_textfsm: parsers,
  parse_xml: parsers,
  from_xml: { reason: "there is no XML", hint: "ask the program for JSON and use from_json" },
  to_xml: { reason: "there is no XML", hint: "write it with the template module" },
  random_mac: random,
};

/** Tests that are known, and refused wherever they stand. */
export const refusedTests: Readonly<Record<string, Reason>> = {
  ...Object.fromEntries(
    ["directory", "is_dir", "file", "is_file", "link", "is_link", "exists", "link_exists"].map((name) => [name, files]),
  ),
  ...Object.fromEntries(["same_file", "is_same_file", "mount", "is_mount"].map((name) => [name, files])),
  vault_encrypted: { ...vault, reason: "what a vault held is plain in templates" },
  resolvable: { reason: "templates ask no name server", hint: "a task with command: getent hosts NAME asks a node" },
};

/** Functions that are known, and refused. */
export const refusedFunctions: Readonly<Record<string, Reason>> = {
  now: { reason: "templates have no clock", hint: "give the time as a variable: -e now=…" },
  lipsum: { reason: "templates know no chance", hint: "write the text out" },
};

/** Why there is no filter or test of a name, and what to write instead. */
export function whyUnknown(
  sort: "filter" | "test",
  name: string,
  names: Iterable<string>,
): { reason: string; hint: string | undefined } {
  const refused = sort === "filter" ? refusedFilters : refusedTests;
  const known = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (known !== undefined) return { reason: `the ${sort} '${name}' is refused: ${known.reason}`, hint: known.hint };
  return { reason: `there is no ${sort} '${name}'`, hint: didYouMean(name, names) };
}
