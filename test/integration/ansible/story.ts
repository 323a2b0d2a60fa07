import { recapOf } from "../../support/cli.ts";

/** Banners that something happened below, with what became of each host, in the order of the banners; then the recap. */
export function story(out: string): { tasks: string[]; recap: unknown } {
  const [before = ""] = out.split("PLAY RECAP");
  const tasks: string[] = [];
  for (const part of before.split(/\n(?=PLAY |TASK |RUNNING HANDLER )/)) {
    const [banner = ""] = part.trim().split("\n");
    const lines = part.match(/^(ok|changed|skipping|fatal|failed|included|FAILED - RETRYING): .*$/gm) ?? [];
    const told = lines.map(asCompared);
    // Ansible prints the metas that are skipped, under the name of their module; here they show by what does not happen.
    if (banner.startsWith("TASK [meta]")) continue;
    const name = banner.replace(/ \*+$/, "");
    if (lines.length > 0 || name.startsWith("PLAY")) tasks.push([name, ...told.sort()].join("\n  "));
  }
  return { tasks, recap: recapOf(out) };
}

/** The steps of each host, where Ansible leaves open which of several hosts' tasks comes first. */
export function storyOfHosts(out: string): unknown {
  const { tasks, recap } = story(out);
  const steps: Record<string, string[]> = {};
  for (const task of tasks) {
    const [banner = "", ...lines] = task.split("\n  ");
    for (const line of lines) {
      const hosts = /\[(\S+)\]/.exec(line)?.slice(1) ?? / for (.*)$/.exec(line)?.[1]?.split(", ") ?? [];
      for (const host of hosts) steps[host] = [...(steps[host] ?? []), `${banner} ${line.split(/[:[]/)[0]}`];
    }
  }
  return { steps, recap };
}

/** A line without what a module says, a file without its folder, hosts in order. */
function asCompared(line: string): string {
  const [, file, hosts] = /^included: (?:.*\/)?(\S+) for (.*?)(?: => .*)?$/.exec(line) ?? [];
  if (file !== undefined && hosts !== undefined) return `included: ${file} for ${hosts.split(", ").sort().join(", ")}`;
  return line
    .replace(/ => .*$/, "")
    .replace(/ FAILED!.*$/, " FAILED!")
    .replace(/Result was: .*$/, "")
    .trim();
}

/** What tasks named `final` said, by host. */
export function finals(out: string): Record<string, string> {
  const [, part = ""] = out.split(/TASK \[final\] \*+\n/);
  return Object.fromEntries(
    [...part.matchAll(/^ok: \[(\w+)\] => \{\s*"msg": (.*)\s*\}/gm)].map(([, host = "", text = ""]) => [host, text]),
  );
}
