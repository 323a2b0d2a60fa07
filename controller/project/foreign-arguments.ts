/**
 * Arguments that modules of Ansible share and none has here, with what to write instead: where another name is near, it is
 * seldom what was meant.
 */
const instead: Readonly<Record<string, string>> = {
  attr: "leave it out, or set it with command: chattr",
  attributes: "leave it out, or set it with command: chattr",
  decrypt: "keep the secret in a variable of a vault, and give it as content",
  echo: "leave it out: a pause asks nothing",
  directory_mode: "make the folder with file: state=directory and its mode",
  follow: "leave it out: a link at dest is replaced by the file",
  prompt: "run --step asks before each task, and vars_prompt for values before the run; seconds or minutes just pause",
  remote_src: "copy on the node with command: cp, with creates",
  selevel: "leave it out, or set it with command: chcon",
  serole: "leave it out, or set it with command: chcon",
  setype: "leave it out, or set it with command: chcon",
  seuser: "leave it out, or set it with command: chcon",
  unsafe_writes: "leave it out: files are replaced whole",
  validate: "write the file elsewhere, check it with command, and copy it only then",
};

/** What to write instead of an argument of Ansible's that is not here; undefined for what Ansible does not have either. */
export function insteadOfArgument(name: string): string | undefined {
  return Object.hasOwn(instead, name) ? instead[name] : undefined;
}
