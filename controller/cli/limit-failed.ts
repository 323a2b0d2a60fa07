import { FlashfleetError } from "../../shared/errors.ts";
import { FailedHosts, type Project } from "../api/messages.ts";
import { splitPattern } from "../inventory/pattern-parts.ts";
import { type CommonOptions, type Context, clientOf } from "./context.ts";

/** `@failed` or `@failed:RUN`, as a part of a pattern. A file of that name is `@./failed`. */
const part = /(?<=^|[,:\s])@failed(?::(\d{8}-\d{6}-[0-9a-f]{8}))?(?=$|[,:\s])/g;

/**
 * A project whose limit names hosts instead of what failed: the controller tells them from its run stream, and they become a file
 * as `@file` has them. `title` is the run's. Throws `not_found` where there is no such run, `no_hosts` where nothing failed in it and
 * nothing else is named.
 */
export async function withFailed(
  context: Context,
  options: CommonOptions,
  project: Project,
  title: string,
): Promise<Project> {
  const { limit } = project;
  const named = limit === undefined ? [] : [...limit.matchAll(part)];
  if (limit === undefined || named.length === 0) return project;
  const files = { ...project.files };
  const found: FailedHosts[] = [];
  const runs = new Map<string | undefined, string>();
  for (const run of new Set(named.map(([, each]) => each))) {
    const query = new URLSearchParams(run === undefined ? { title } : { run });
    const failed = await clientOf(context, options).get(`/v1/failed?${query}`, FailedHosts);
    found.push(failed);
    runs.set(run, failed.run);
    files[fileOf(failed.run)] = failed.hosts.map((host) => `${host}\n`).join("");
    context.say(`@failed: ${tell(failed)}\n`);
  }
  const resolved = limit.replaceAll(part, (_, run: string | undefined) => `@${fileOf(runs.get(run) ?? "")}`);
  const others = splitPattern(resolved).filter((each) => !/^[&!]/.test(each) && !each.startsWith(`@${fileOf("")}`));
  if (others.length === 0 && found.every(({ hosts }) => hosts.length === 0)) {
    throw new FlashfleetError(
      "no_hosts",
      `cannot limit to ${limit}: nothing failed in ${found.map(nameOf).join(", ")}`,
      {
        hint: "flashfleet runs shows what failed when; @failed:RUN names another run",
      },
    );
  }
  return { ...project, files, limit: resolved };
}

const fileOf = (run: string) => `failed-in-${run}`;

function nameOf({ run, title }: Pick<FailedHosts, "run" | "title">): string {
  return `run ${run} (${title})`;
}

function tell({ at, by, hosts, ...run }: FailedHosts): string {
  const names = `${hosts.slice(0, 5).join(", ")}${hosts.length > 5 ? ` and ${hosts.length - 5} more` : ""}`;
  const what = hosts.length === 0 ? "nothing" : `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"} (${names})`;
  const who = by === undefined ? "" : ` by ${by}`;
  return `${what} failed in ${nameOf(run)}, started ${new Date(at).toISOString().slice(0, 19)}Z${who}`;
}
