import { createConnection } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { type Clock, type Deadline, left } from "../../../shared/clock.ts";
import { type InterfaceAddress, SystemError } from "../system.ts";
import { toSystemError } from "./errno.ts";

/** A TCP connection, or the errno of connect(2). */
export function dialTcp(clock: Clock, to: { address: string; port: number }, deadline: Deadline): Promise<Duplex> {
  const path = to.address.includes(":") ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`;
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: to.address, port: to.port });
    const timer = setTimeout(
      () => {
        socket.destroy();
        reject(new SystemError("ETIMEDOUT", path, "connect to"));
      },
      left(clock, deadline),
    );
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(toSystemError(error, "connect to", path));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

/** Addresses of the interfaces that are up, loopback among them. */
export function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, family, cidr, mac }) => ({
      interface: name,
      address,
      family: family === "IPv6" ? ("ipv6" as const) : ("ipv4" as const),
      prefix: Number(cidr?.split("/")[1] ?? (family === "IPv6" ? 128 : 32)),
      mac,
    })),
  );
}
