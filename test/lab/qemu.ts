import type { Link, Plug } from "./network.ts";

/** A local NVMe drive of a machine. */
export interface Drive {
  /** Bytes. */
  size: number;
  serial: string;
  /** The file behind it; without one, a new and sparse one in the machine's folder. */
  image?: string;
  /** Two machines may have the same image. */
  shared?: boolean;
}

/** A folder of the host that a machine can write, at a path of the machine. It outlives a reset. */
export interface Share {
  host: string;
  guest: string;
}

export interface QemuOptions {
  name: string;
  /** Of the machine, as its firmware tells. */
  uuid: string;
  image: string;
  initrd: string;
  /** Megabytes. */
  memory: number;
  cpus: number;
  accelerator: "tcg" | "kvm";
  drives: readonly Required<Drive>[];
  links: readonly Link[];
  /** The folder that the host and the machine both write, as /run/lab of the machine. */
  lab: string;
  shares: readonly Share[];
  /** Unix sockets on which this process listens for qemu. */
  qmp: string;
  commands: string;
}

export const managementMac = "52:54:00:00:00:0f";

/** The device name of a drive or a link in qemu. */
export const deviceOf = {
  drive: (index: number) => `drive${index}`,
  link: (index: number) => `link${index}`,
  share: (index: number) => `share${index}`,
};

/**
 * The command line of an emulator. The management network is a user net: the host's loopback is 10.0.2.2 there.
 * Console on standard output. A machine that panics or powers off ends the emulator.
 */
export function qemuArguments(options: QemuOptions): string[] {
  const device = (...words: string[]) => ["-device", words.join(",")];
  const share = (id: string, path: string, ...more: string[]) => [
    ...["-fsdev", ["local", `id=${id}`, `path=${quote(path)}`, "security_model=none", ...more].join(",")],
    ...device("virtio-9p-pci", `fsdev=${id}`, `mount_tag=${id}`),
  ];
  const drive = (index: number, { image, serial, shared }: Required<Drive>) => {
    const id = deviceOf.drive(index);
    const sharing = shared ? ",file.locking=off" : "";
    return [
      ...["-drive", `file=${quote(image)},if=none,id=image-${id},format=raw,cache=writeback${sharing}`],
      ...device("nvme", `id=${id}`, `drive=image-${id}`, `serial=${serial}`, ...(shared ? ["share-rw=on"] : [])),
    ];
  };
  const plug = (id: string, { socket, role }: Plug) => [
    "-netdev",
    `stream,id=${id},server=${role === "server" ? "on" : "off"},addr.type=unix,addr.path=${quote(socket)}`,
  ];
  const link = (index: number, { mac, plugs }: Link) => {
    const id = deviceOf.link(index);
    const card = (netdev: string) => device("virtio-net-pci", "romfile=", `id=${id}`, `netdev=${netdev}`, `mac=${mac}`);
    const [only, ...more] = plugs;
    if (only !== undefined && more.length === 0) return [...plug(`net-${id}`, only), ...card(`net-${id}`)];
    const port = (name: string, ...words: string[]) => [
      "-netdev",
      ["hubport", `id=hub-${name}`, `hubid=${index}`, ...words].join(","),
    ];
    return [
      ...port(id),
      ...card(`hub-${id}`),
      ...plugs.flatMap((each, at) => [
        ...plug(`net-${id}-${at}`, each),
        ...port(`${id}-${at}`, `netdev=net-${id}-${at}`),
      ]),
    ];
  };
  return [
    ...["-name", options.name, "-uuid", options.uuid, "-nodefaults", "-no-user-config", "-display", "none"],
    ...[
      "-machine",
      "pc",
      "-accel",
      options.accelerator,
      "-cpu",
      "max",
      "-smp",
      String(options.cpus),
      "-m",
      String(options.memory),
    ],
    ...["-no-reboot", "-kernel", options.image, "-initrd", options.initrd],
    ...["-append", "console=ttyS0 no_timer_check panic=-1 quiet mitigations=off"],
    ...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ...["-chardev", `socket,id=qmp,path=${quote(options.qmp)},server=off`, "-mon", "chardev=qmp,mode=control"],
    ...["-chardev", `socket,id=commands,path=${quote(options.commands)},server=off`],
    ...device("virtio-serial-pci"),
    ...device("virtserialport", "chardev=commands", "name=commands"),
    ...device("virtio-rng-pci"),
    ...share("host", "/", "readonly=on", "multidevs=remap"),
    ...share("lab", options.lab),
    ...options.shares.flatMap(({ host }, index) => share(deviceOf.share(index), host)),
    ...[
      "-netdev",
      "user,id=management,ipv6=off",
      ...device("virtio-net-pci", "romfile=", "netdev=management", `mac=${managementMac}`),
    ],
    ...options.links.flatMap((each, index) => link(index, each)),
    ...options.drives.flatMap((each, index) => drive(index, each)),
  ];
}

/** A comma in a value is written twice. */
function quote(value: string): string {
  return value.replaceAll(",", ",,");
}
