import * as z from "zod";

/** Bytes of a file that is read, sent or changed as text. */
export const mostOfFile = 1024 * 1024;

export const NodePath = z
  .string()
  .regex(/^\//, "a path on a node begins with /")
  .refine((path) => !path.includes("\0"), "a path holds no NUL");

/** Octal digits, or chmod's own words: u=rwX,g+r,o-w. */
const Mode = z
  .string()
  .regex(
    /^(0?[0-7]{3,4}|[ugoa]*([-+=][rwxXst]*|[-+=][ugo])+(,[ugoa]*([-+=][rwxXst]*|[-+=][ugo])+)*)$/,
    "a mode is octal digits in quotes, as in '0644', or chmod's words, as in u=rw,g=r",
  );

/** A name, or a number. */
const Person = z.string().regex(/^[^\s:/]+$/, "an owner is a name or a number");

/** What is no text, as Ansible writes it: True, and JSON with spaces. */
function asFileText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "boolean" ? (value ? "True" : "False") : jsonText(value);
}

function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${jsonText(part)}`)
    .join(", ")}}`;
}

const access = { mode: Mode.optional(), owner: Person.optional(), group: Person.optional() };

/** Of `copy`. Sent to a node it has `content`, and beside it `src` where the name of a file is wanted. */
export const copy = z.strictObject({
  src: z.string().min(1).optional(),
  content: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .transform(asFileText)
    .optional(),
  dest: NodePath,
  ...access,
  backup: z.boolean().default(false),
  force: z.boolean().default(true),
});

const newlines = {
  "\n": "\n",
  "\r\n": "\r\n",
  "\r": "\r",
  "\\n": "\n",
  "\\r\\n": "\r\n",
  "\\r": "\r",
} as const;

const Mark = z.string().min(1).optional();

export const template = z.strictObject({
  src: z.string().min(1),
  dest: NodePath,
  ...access,
  backup: z.boolean().default(false),
  force: z.boolean().default(true),
  trim_blocks: z.boolean().default(true),
  lstrip_blocks: z.boolean().default(false),
  /** Also as it comes out of YAML that leaves backslashes alone. */
  newline_sequence: z
    .enum(["\n", "\r\n", "\r", "\\n", "\\r\\n", "\\r"])
    .transform((text) => newlines[text])
    .default("\n"),
  block_start_string: Mark,
  block_end_string: Mark,
  variable_start_string: Mark,
  variable_end_string: Mark,
  comment_start_string: Mark,
  comment_end_string: Mark,
  output_encoding: z
    .string()
    .regex(/^utf-?8$/i, "texts are sent as UTF-8: leave it out")
    .default("utf-8"),
});
export type TemplateArguments = z.output<typeof template>;

export const file = z.strictObject({
  path: NodePath,
  state: z.enum(["file", "directory", "link", "touch", "absent"]).optional(),
  /** Of a link: where it leads, as it is to be written. */
  src: z.string().min(1).optional(),
  ...access,
  recurse: z.boolean().default(false),
  force: z.boolean().default(false),
});

export const lineinfile = z.strictObject({
  path: NodePath,
  line: z.string().optional(),
  regexp: z.string().optional(),
  state: z.enum(["present", "absent"]).default("present"),
  insertafter: z.string().optional(),
  insertbefore: z.string().optional(),
  create: z.boolean().default(false),
  backrefs: z.boolean().default(false),
  firstmatch: z.boolean().default(false),
  backup: z.boolean().default(false),
  ...access,
});
