/** The first version without a published advisory. */
const safe = [2, 11, 15] as const;

/** The version in what `nats-server --version` prints ("nats-server: v2.9.10"), or undefined. */
export function parseVersion(printed: string): string | undefined {
  return /v?(\d+\.\d+\.\d+\S*)/.exec(printed)?.[1];
}

/** Why people should look for a newer nats-server, or undefined. */
export function versionWarning(version: string): string | undefined {
  const numbers = version.split(/[.-]/, 3).map(Number);
  for (const [index, wanted] of safe.entries()) {
    const have = numbers[index] ?? 0;
    if (have > wanted) return undefined;
    if (have < wanted) {
      return `nats-server ${version} has published security advisories: ${safe.join(".")} or newer is better (https://github.com/nats-io/nats-server/releases)`;
    }
  }
  return undefined;
}
