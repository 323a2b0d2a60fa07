import pc from "picocolors";

/** Ansible's colours, or none: without a terminal, or where NO_COLOR is set. */
export interface Paint {
  ok(text: string): string;
  changed(text: string): string;
  skipped(text: string): string;
  failed(text: string): string;
  unreachable(text: string): string;
  warning(text: string): string;
  retry(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

export function createPaint(colours: boolean): Paint {
  const { green, yellow, red, redBright, cyan, magenta, gray, dim, bold } = pc.createColors(colours);
  return {
    ok: green,
    changed: yellow,
    failed: red,
    unreachable: redBright,
    skipped: cyan,
    warning: magenta,
    retry: gray,
    dim,
    bold,
  };
}
