import { pathOf } from "./key.ts";

/** One line of sysctl.conf(5): undefined for a comment and for what sets nothing. */
function settingIn(line: string): { key: string; value: string } | undefined {
  const [, key, value] = /^\s*-?\s*([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return key === undefined || value === undefined ? undefined : { key, value };
}

/** The value that a file gives a setting: the last line counts. */
export function valueIn(text: string, name: string): string | undefined {
  const path = pathOf(name);
  return text
    .split("\n")
    .map(settingIn)
    .findLast((setting) => setting !== undefined && pathOf(setting.key) === path)?.value;
}

/** With the setting, in the place of the first line that has it; without a value no line has it. All other lines stay. */
export function withSetting(text: string, name: string, value: string | undefined): string {
  const path = pathOf(name);
  const isOwn = (line: string) => {
    const setting = settingIn(line);
    return setting !== undefined && pathOf(setting.key) === path;
  };
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const first = lines.findIndex(isOwn);
  const rest = lines.flatMap((line, index) => {
    if (!isOwn(line)) return [line];
    return index === first && value !== undefined ? [`${name}=${value}`] : [];
  });
  const whole = first < 0 && value !== undefined ? [...rest, `${name}=${value}`] : rest;
  return whole.map((line) => `${line}\n`).join("");
}
