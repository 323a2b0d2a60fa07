import { type System, SystemError } from "../../../agent/system/system.ts";
import { namesIn, nvmet, rankedControllers } from "../places.ts";
import { chosenSerials, chosenUuids, folder } from "./vocabulary.ts";

/** What a digest is taken with: a system, or something quicker that sees the same. */
export type Eyes = Pick<System, "list" | "read" | "readlink" | "realpath">;

/**
 * What can be seen of a node: below nvmet/ each directory's names and links (a key that ends in a slash) and each attribute;
 * on the initiator's side controllers with their paths, and subsystems with their disks, in an order in which instance
 * numbers play no part. What is random by nature is `(random)`, so that two nodes that did the same show the same.
 */
export type Digest = Map<string, string>;

/** A directory of configfs by what lies in it besides attributes. */
interface Shape {
  groups?: Readonly<Record<string, Shape>>;
  /** Made by people. */
  each?: Shape;
  links?: true;
}

const tree: Shape = {
  groups: {
    hosts: { each: {} },
    subsystems: {
      each: { groups: { allowed_hosts: { links: true }, namespaces: { each: {} }, passthru: {} } },
    },
    ports: { each: { groups: { subsystems: { links: true }, referrals: { each: {} }, ana_groups: { each: {} } } } },
  },
};

/** A whole digest, or one in which only the attributes of the directories that `reads` picks are read. */
export async function digestOf(eyes: Eyes, reads: (directory: string) => boolean = () => true): Promise<Digest> {
  const digest = await initiatorOf(eyes);
  digest.set("files/", (await namesIn(eyes, folder)).join(" "));
  await addDirectory(eyes, "", tree, reads, digest);
  return digest;
}

/** The part that comes about by itself. */
export async function initiatorOf(eyes: Eyes): Promise<Digest> {
  const digest: Digest = new Map();
  const controllers = await rankedControllers(eyes);
  for (const [index, at] of controllers.entries()) {
    digest.set(`controller ${index}`, await controllerOf(eyes, at));
    digest.set(`paths of controller ${index}`, await disksOf(eyes, at, /^nvme\d+c\d+n\d+$/, pathFiles));
  }
  if (controllers.length === 0) return digest;
  const subsystems: string[] = [];
  for (const name of await namesIn(eyes, "/sys/class/nvme-subsystem")) {
    const at = `/sys/class/nvme-subsystem/${name}`;
    const own = await orErrno(eyes.list(at), (names) => names.filter((each) => /^nvme\d+$/.test(each)));
    const counted = Array.isArray(own) ? own : [];
    const ours = counted.filter((each) => controllers.includes(`/sys/class/nvme/${each}`));
    if (ours.length === 0) continue;
    const facts = await filesOf(eyes, at, subsystemFiles);
    subsystems.push(
      `${facts} controllers=${ours.length} disks: ${await disksOf(eyes, at, /^nvme\d+n\d+$/, diskFiles)}`,
    );
  }
  for (const [index, facts] of subsystems.sort().entries()) digest.set(`subsystem ${index}`, facts);
  return digest;
}

/** Not `address`: see rankedControllers. */
const controllerFiles = [
  ...["subsysnqn", "transport", "state", "cntrltype", "hostnqn", "hostid", "kato", "ctrl_loss_tmo"],
  ...["reconnect_delay", "fast_io_fail_tmo", "queue_count", "sqsize", "model", "serial", "firmware_rev"],
];
const pathFiles = ["nsid", "ana_grpid", "ana_state"];
const diskFiles = ["nsid", "uuid", "nguid", "size"];
const subsystemFiles = ["subsysnqn", "subsystype", "iopolicy", "model"];

function controllerOf(eyes: Eyes, at: string): Promise<string> {
  return filesOf(eyes, at, controllerFiles);
}

async function disksOf(eyes: Eyes, at: string, pattern: RegExp, files: readonly string[]): Promise<string> {
  const names = await orErrno(eyes.list(at), (all) => all.filter((name) => pattern.test(name)));
  if (typeof names === "string") return names;
  const disks: string[] = [];
  for (const name of names) disks.push(`{${await filesOf(eyes, `${at}/${name}`, files)}}`);
  return disks.sort().join(" ");
}

async function filesOf(eyes: Eyes, at: string, files: readonly string[]): Promise<string> {
  const facts: string[] = [];
  for (const file of files) facts.push(`${file}=${await attribute(eyes, at, file)}`);
  return facts.join(" ");
}

async function addDirectory(
  eyes: Eyes,
  directory: string,
  shape: Shape,
  reads: (directory: string) => boolean,
  digest: Digest,
): Promise<void> {
  const at = directory === "" ? nvmet : `${nvmet}/${directory}`;
  const below = (name: string) => (directory === "" ? name : `${directory}/${name}`);
  const names = await orErrno(eyes.list(at), (all) => all);
  digest.set(`${directory}/`, typeof names === "string" ? names : names.join(" | "));
  if (typeof names === "string") return;
  for (const name of names) {
    const group = shape.groups?.[name] ?? shape.each;
    // A default group beside those that people make, as ana_groups/1, has the same shape as they.
    if (group !== undefined) await addDirectory(eyes, below(name), group, reads, digest);
    else if (shape.links) digest.set(below(name), await orErrno(eyes.readlink(`${at}/${name}`), (to) => `-> ${to}`));
    else if (reads(directory)) digest.set(below(name), await attribute(eyes, at, name));
  }
}

async function attribute(eyes: Eyes, at: string, name: string): Promise<string> {
  const text = await orErrno(eyes.read(`${at}/${name}`), (content) => content.replace(/\n$/, ""));
  return plain(name, text);
}

/** Without what is random by nature, and without what a running build says of itself. */
function plain(name: string, text: string): string {
  switch (name) {
    case "attr_serial":
    case "serial":
      return chosenSerials.includes(text.trim()) || text === "" ? text : "(random)";
    case "uuid":
    case "device_uuid":
      return chosenUuids.includes(text.toLowerCase()) || !/^[0-9a-f-]{36}$/.test(text) ? text : "(random)";
    case "attr_firmware":
    case "firmware_rev":
      return /^\d+\.\d+\.\d/.test(text) ? "(release)" : text;
    default:
      return text;
  }
}

/** The errno as text where it is refused: what goes while one looks is ENOENT or ENODEV for a moment. */
async function orErrno<T, R>(work: Promise<T>, use: (value: T) => R): Promise<R | string> {
  try {
    return use(await work);
  } catch (error) {
    if (error instanceof SystemError) return error.errno;
    throw error;
  }
}

/** Where two digests differ, by key; attributes that `reads` does not pick are not compared. */
export function differences(
  foreseen: Digest,
  seen: Digest,
  reads: (directory: string) => boolean = () => true,
): Record<string, { foreseen: string | undefined; seen: string | undefined }> {
  const found: Record<string, { foreseen: string | undefined; seen: string | undefined }> = {};
  for (const key of new Set([...foreseen.keys(), ...seen.keys()])) {
    const one = foreseen.get(key);
    const other = seen.get(key);
    if (one === other || (other === undefined && !isRead(key, reads))) continue;
    found[key] = { foreseen: one, seen: other };
  }
  return found;
}

function isRead(key: string, reads: (directory: string) => boolean): boolean {
  const isAttribute = !key.endsWith("/") && !/^(controller|paths|subsystem) /.test(key);
  return !isAttribute || reads(key.slice(0, Math.max(0, key.lastIndexOf("/"))));
}
