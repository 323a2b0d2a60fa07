import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Hearing } from "./machine.ts";

const monitor = ["udevadm", "monitor", "--kernel", "--property"] as const;
/** What udevadm prints once it listens. */
const listens = "KERNEL - the kernel uevent";
/** The kernel's order, which udevadm does not keep: what changed comes before what the driver adds. */
const order = [
  "SUBSYSTEM",
  "NVME_AEN",
  "NVME_EVENT",
  "RESIZE",
  "DISK_RO",
  "DEVNAME",
  "DEVTYPE",
  "NVME_TRTYPE",
  "NVME_TRADDR",
  "NVME_TRSVCID",
  "NVME_HOST_TRADDR",
  "NVME_HOST_IFACE",
];

type Event = ReturnType<Hearing["heard"]>[number];

/** Kernel events by `udevadm monitor`: Node cannot open netlink sockets. Resolves once it listens, or cannot be started. */
export function hearKernel(): Promise<Hearing> {
  const [program, ...rest] = monitor;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => child.kill());
  let events: Event[] = [];
  let properties = new Map<string, string>();
  const hearing: Hearing = {
    heard: () => events.splice(0),
    forget: () => {
      events = [];
    },
  };
  return new Promise((resolve) => {
    // From then on it does not keep the program from ending.
    const begin = () => {
      child.unref();
      if ("unref" in child.stdout && typeof child.stdout.unref === "function") child.stdout.unref();
      resolve(hearing);
    };
    child.once("error", begin);
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === listens) begin();
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) properties.set(name, value);
      if (line !== "" || properties.size === 0) return;
      events.push(eventOf(properties));
      properties = new Map();
    });
  });
}

function eventOf(properties: ReadonlyMap<string, string>): Event {
  const rows = order.flatMap((name) => {
    const value = properties.get(name);
    // udevadm makes a path of the device's name.
    return value === undefined ? [] : [`${name}=${name === "DEVNAME" ? value.replace("/dev/", "") : value}`];
  });
  return { headline: `${properties.get("ACTION")}@${properties.get("DEVPATH")}`, properties: rows };
}
