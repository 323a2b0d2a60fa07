import { join } from "node:path";

/** One end of a cable between two machines. */
export interface Link {
  /** The machine at the other end. */
  peer: string;
  /** Where the two emulators meet: one listens there, the other comes. */
  socket: string;
  role: "server" | "client";
  mac: string;
  /** 192.168.77.1/24 */
  address: string;
  cable: Cable;
}

/** What both ends of a link share. */
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

const FIRST_SUBNET = 77;

/**
 * A cable between every two of these machines, each a network of its own: the first pair has 192.168.77.0/24, the next
 * 192.168.78.0/24, and so on; the machine named first has .1 and the other .2.
 * @param directory where the sockets lie: a short path, for a socket's holds 107 bytes
 */
export function linkEachPair(directory: string, machines: readonly string[]): ReadonlyMap<string, Link[]> {
  const links = new Map<string, Link[]>(machines.map((name) => [name, []]));
  let pair = 0;
  for (const [index, first] of machines.entries()) {
    for (const second of machines.slice(index + 1)) {
      const cable = new Cable();
      const socket = join(directory, `link-${pair}`);
      const end = (number: 1 | 2) => ({
        socket,
        cable,
        mac: `52:54:00:77:${hex(pair)}:${hex(number)}`,
        address: `192.168.${FIRST_SUBNET + pair}.${number}/24`,
      });
      links.get(first)?.push({ ...end(1), peer: second, role: "server" });
      links.get(second)?.push({ ...end(2), peer: first, role: "client" });
      pair += 1;
    }
  }
  return links;
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}
