import * as z from "zod";

export const Transport = z.enum(["tcp", "rdma", "fc", "loop"]);
export type Transport = z.infer<typeof Transport>;

export const AddressFamily = z.enum(["ipv4", "ipv6", "ib", "fc", "loop"]);
export type AddressFamily = z.infer<typeof AddressFamily>;

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const ipv6 = /^(?=.*:.*:)[0-9a-fA-F:]+(:\d+\.\d+\.\d+\.\d+)?(%[\w.-]+)?$/;

/** The family of an address literal, or undefined where it is none: a host name never reaches the kernel. */
export function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  if (ipv4.test(address)) return "ipv4";
  if (ipv6.test(address)) return "ipv6";
  return undefined;
}

/** One spelling for each address, to compare by; a zone is not a part of it. */
export function canonicalAddress(address: string): string {
  if (familyOf(address) !== "ipv6") return address;
  const [literal = ""] = address.split("%");
  const url = URL.parse(`http://[${literal}]/`);
  return url === null ? address : url.hostname.slice(1, -1);
}

/** An address as nvmet and /dev/nvme-fabrics take it: one word, without commas. */
export const TransportAddress = z.string().regex(/^[^\s,]{1,255}$/, "an address is one word without commas");

/** Transport service id: for tcp and rdma a port number. Not 0: nvmet would listen on a random one. */
export const ServiceId = z
  .union([z.int(), z.string()])
  .transform((value) => String(value))
  .refine((text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535, "a service id is a port number, 1 to 65535");

/** Where a subsystem can be reached: the key of a port and of a path. */
export interface Endpoint {
  transport: Transport;
  address: string;
  serviceId: string;
}

/** `tcp 10.0.0.1:4420`, as people and keys name an endpoint. */
export function renderEndpoint({ transport, address, serviceId }: Endpoint): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return serviceId === "" ? `${transport} ${host}` : `${transport} ${host}:${serviceId}`;
}
