/** `--tags` and `--skip-tags`. */
export interface TagSelection {
  tags: readonly string[];
  skip: readonly string[];
}

/**
 * Whether a task with these tags runs, by Ansible's rules: `always` unless it is skipped by name, `never` only where one of
 * its tags is asked for, and the words all, tagged and untagged.
 */
export function isSelected(own: readonly string[], { tags, skip }: TagSelection): boolean {
  return isAskedFor(own, tags) && !isSkipped(own, skip);
}

function isAskedFor(own: readonly string[], tags: readonly string[]): boolean {
  const named = own.some((tag) => tags.includes(tag));
  if (own.includes("always") || named) return true;
  const never = own.includes("never");
  if (tags.length === 0 || tags.includes("all")) return !never;
  const tagged = own.some((tag) => tag !== "untagged");
  return (tags.includes("tagged") && tagged && !never) || (tags.includes("untagged") && !tagged);
}

function isSkipped(own: readonly string[], skip: readonly string[]): boolean {
  if (own.some((tag) => skip.includes(tag))) return true;
  const always = own.includes("always");
  if (skip.includes("all")) return !(always && !skip.includes("always"));
  return (skip.includes("tagged") && own.length > 0) || (skip.includes("untagged") && own.length === 0);
}
