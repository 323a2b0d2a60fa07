import { type Directory, type File, fixed, line } from "../files/entry.ts";
import { parseBool } from "../parse.ts";
import type { Kernel } from "../versions.ts";

/** What the driver core adds to a device for runtime power management (drivers/base/power/sysfs.c). */
export function powerDirectory(): Directory {
  return fixed({
    async: line(() => "disabled"),
    autosuspend_delay_ms: { kind: "file" },
    control: line(() => "auto"),
    runtime_active_kids: line(() => 0),
    runtime_active_time: line(() => 0),
    runtime_enabled: line(() => "disabled"),
    runtime_status: line(() => "unsupported"),
    runtime_suspended_time: line(() => 0),
    runtime_usage: line(() => 0),
  });
}

/** Whether errors of commands that people send themselves are logged: passthru_err_log_enabled. */
export function errorLog(of: { logsErrors?: boolean }, kernel: Kernel): File {
  return {
    kind: "file",
    read: () => `${of.logsErrors === true ? "on" : "off"}\n`,
    write: (text) => {
      of.logsErrors = parseBool(text, kernel);
    },
  };
}
