import { join } from "node:path";

/** A network card of a machine. */
export interface Link {
  /** `a`; of a pair's own network, both names: `target-initiator`. */
  network: string;
  /** The machines that it reaches. */
  peers: readonly string[];
  mac: string;
  /** 192.168.77.1/24 */
  address: string;
  /** Where its cables end; several are joined inside the emulator, as in a switch. */
  plugs: readonly Plug[];
}

/** One end of a cable between two emulators. */
export interface Plug {
  /** Where the two emulators meet: one listens there, the other comes. */
  socket: string;
  role: "server" | "client";
  cable: Cable;
}

/** What both ends of a cable share. */
class Cable {
  readonly listening: Promise<void>;
  /** To be called when the server's emulator is up: only then can the client's come. */
  readonly serve: () => void;
  /** To be called where it never will be. */
  readonly abandon: (error: unknown) => void;

  constructor() {
    let serve = () => {};
    let abandon: (error: unknown) => void = () => {};
    this.listening = new Promise((resolve, reject) => {
      serve = resolve;
      abandon = reject;
    });
    this.listening.catch(() => {});
    this.serve = serve;
    this.abandon = abandon;
  }
}

interface Network {
  name: string;
  members: readonly string[];
  /** 192.168.77 */
  subnet: string;
}

const FIRST_PAIR = 77;

/**
 * A cable between every two of these machines, each a network of its own: the first pair has 192.168.77.0/24, the next
 * 192.168.78.0/24, and so on; the machine named first has .1 and the other .2.
 * @param directory where the sockets lie: a short path, for a socket's holds 107 bytes
 */
export function linkEachPair(directory: string, machines: readonly string[]): ReadonlyMap<string, Link[]> {
  const pairs = machines.flatMap((first, index) => machines.slice(index + 1).map((second) => [first, second] as const));
  const networks = pairs.map((members, index) => ({
    name: members.join("-"),
    members,
    subnet: `192.168.${FIRST_PAIR + index}`,
  }));
  return linkAll(directory, machines, networks);
}

/**
 * Networks that all of these machines are in, each with a card of its own: 10.20.1.0/24, 10.20.2.0/24, and so on; the machine
 * named first has .1, the next .2. Frames between the others go through the first one's emulator: a network ends with it.
 */
export function linkNetworks(
  directory: string,
  machines: readonly string[],
  networks: readonly string[],
): ReadonlyMap<string, Link[]> {
  const shared = networks.map((name, index) => ({ name, members: machines, subnet: `10.20.${index + 1}` }));
  return linkAll(directory, machines, shared);
}

function linkAll(
  directory: string,
  machines: readonly string[],
  networks: readonly Network[],
): ReadonlyMap<string, Link[]> {
  const links = new Map<string, Link[]>(machines.map((name) => [name, []]));
  let cables = 0;
  for (const [index, { name, members, subnet }] of networks.entries()) {
    const [hub = "", ...others] = members;
    const card = (member: string, plugs: readonly Plug[]) => {
      const number = members.indexOf(member) + 1;
      links.get(member)?.push({
        network: name,
        peers: members.filter((each) => each !== member),
        mac: `52:54:00:77:${hex(index)}:${hex(number)}`,
        address: `${subnet}.${number}/24`,
        plugs,
      });
    };
    const ends = others.map((member) => {
      const both = { cable: new Cable(), socket: join(directory, `link-${cables}`) };
      cables += 1;
      card(member, [{ ...both, role: "client" }]);
      return { ...both, role: "server" as const };
    });
    card(hub, ends);
  }
  return links;
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}
