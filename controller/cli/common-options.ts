import { Option } from "commander";

/** `--data` of a command that asks the controller. */
export function data(): Option {
  return new Option(
    "--data <dir>",
    "the controller's data directory (default: $FLASHFLEET_DATA, /var/lib/flashfleet as root)",
  );
}

/** `-o` of a command that shows something. */
export function output(): Option {
  return new Option("-o, --output <format>", "json: lines of JSON on stdout and nothing else").choices([
    "text",
    "json",
  ]);
}
