import type { VolumePort } from "./volume.ts";

/** What listens on a target: of its volumes, and of whatever else is exported there. */
export class Listeners {
  readonly #ids = new Set<number>();
  readonly #taken = new Set<string>();
  readonly #load = new Map<string, number>();
  /** By address: the port that volumes share there. */
  readonly #shared = new Map<string, VolumePort>();

  /** `id`: of the nvmet port, where it is known. */
  take({ id, address, service_id }: { id?: number | undefined; address: string; service_id: string }): void {
    if (id !== undefined) this.#ids.add(id);
    const key = `${address} ${service_id}`;
    if (this.#taken.has(key)) return;
    this.#taken.add(key);
    this.#load.set(address, this.load(address) + 1);
  }

  /** A volume's port. */
  takePort(port: VolumePort): void {
    this.take(port);
    const { leaving: _, ...staying } = port;
    if (port.shared === true) this.#shared.set(port.address, staying);
  }

  /** The port that volumes share on each address, opened where there is none; undefined as for {@link open}. */
  openShared(addresses: readonly string[], serviceIds: { from: number; to: number }): VolumePort[] | undefined {
    const missing = addresses.filter((address) => !this.#shared.has(address));
    const opened = missing.length === 0 ? [] : this.open(missing, serviceIds);
    for (const port of opened ?? []) this.#shared.set(port.address, { ...port, shared: true });
    if (opened === undefined) return undefined;
    return addresses.flatMap((address) => this.#shared.get(address) ?? []);
  }

  /** How many listen on an address. */
  load(address: string): number {
    return this.#load.get(address) ?? 0;
  }

  /**
   * A port for each address, with one service id for all of them: the lowest that is free on each. undefined: there is none, or no
   * port id left.
   */
  open(addresses: readonly string[], { from, to }: { from: number; to: number }): VolumePort[] | undefined {
    let service = from;
    while (service <= to && addresses.some((address) => this.#taken.has(`${address} ${service}`))) service++;
    const ids: number[] = [];
    for (let id = 1; ids.length < addresses.length && id <= 65_535; id++) if (!this.#ids.has(id)) ids.push(id);
    if (service > to || ids.length < addresses.length) return undefined;
    const ports = addresses.map((address, at) => ({ id: ids[at] ?? 0, address, service_id: String(service) }));
    for (const port of ports) this.take(port);
    return ports;
  }
}
