import type { Change } from "../system.ts";

const subsystems: ReadonlyMap<string, Change["subsystem"]> = new Map([
  ["nvme", "nvme"],
  ["nvme-subsystem", "nvme"],
  ["block", "block"],
  ["net", "net"],
]);

/** Reads the output of `udevadm monitor --kernel --property`, line by line: a block of properties per event, ended by an empty line. */
export function createUeventParser(): (line: string) => Change | undefined {
  let properties = new Map<string, string>();
  return (line) => {
    const equals = line.indexOf("=");
    if (line !== "") {
      // The headline of an event has no property's name before its first `=`.
      if (equals > 0 && /^\w+$/.test(line.slice(0, equals)))
        properties.set(line.slice(0, equals), line.slice(equals + 1));
      return undefined;
    }
    const change = toChange(properties);
    properties = new Map();
    return change;
  };
}

function toChange(properties: ReadonlyMap<string, string>): Change | undefined {
  const subsystem = subsystems.get(properties.get("SUBSYSTEM") ?? "");
  const action = properties.get("ACTION");
  if (subsystem === undefined || action === undefined) return undefined;
  const device = properties.get("DEVPATH")?.split("/").at(-1);
  return device === undefined || device === "" ? { subsystem, action } : { subsystem, action, device };
}

/**
 * Reads a line of `ip -o monitor link address`. An address that comes or goes is `add` or `remove`; of a link the kernel only
 * says how it is now, so that is `change`, or `remove`.
 */
export function parseIpMonitorLine(line: string): Change | undefined {
  const match = /^(?:\[\w+\]\s*)?(Deleted )?\d+:\s+([^\s:@]+)(:|@|\s)/.exec(line);
  const device = match?.[2];
  if (match === null || device === undefined) return undefined;
  const link = match[3] !== " ";
  const action = match[1] !== undefined ? "remove" : link ? "change" : "add";
  return { subsystem: "net", action, device };
}
