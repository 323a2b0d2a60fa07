import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { type Attributes, Item, type ItemType } from "../configfs.ts";
import { Errno, KernelCrash, ShortWrite } from "../errno.ts";
import { parseIn, parseInteger, u16, u32 } from "../parse.ts";
import { hexOf, randomUuid } from "../random.ts";
import type { Kernel } from "../versions.ts";
import { longestNqn } from "./admit.ts";
import { hostAttributes } from "./attributes-host.ts";
import { namespaceAttributes } from "./attributes-namespace.ts";
import { anaAttributes, portAttributes, referralAttributes } from "./attributes-port.ts";
import { PassthruOf, passthruAttributes, subsystemAttributes } from "./attributes-subsystem.ts";
import type { Nvmet } from "./core.ts";
import { AnaGroup, Namespace, NvmetHost, Port, Referral, Subsystem } from "./state.ts";

/*
 * The directories below /sys/kernel/config/nvmet (drivers/nvme/target/configfs.c).
 */

type Type<T extends object> = ItemType<T, Nvmet>;

const longestDiscoveryNqn = 255;
const lastNsid = 0xfffffffe;
const mostNamespaces = 1024;
const lastAnaGroup = 128;

/** The state of a default group: it is not its owner, or a link to it would pass for one to the owner. */
interface Below<T> {
  owner: T;
}

const host: Type<NvmetHost> = { attributes: hostAttributes };

const hosts: Type<Nvmet> = {
  make: (_, name, nvmet) => {
    const made = new NvmetHost(name);
    nvmet.hosts.set(name, made);
    return new Item(`nvmet/hosts/${name}`, host, made, nvmet);
  },
  drop: (nvmet, child) => {
    if (child instanceof NvmetHost) nvmet.hosts.delete(child.nqn);
  },
};

const namespace: Type<Namespace> = { attributes: namespaceAttributes };

function badNsid(nsid: number, { does }: Kernel): Errno {
  return new Errno("EINVAL", does.nsidsLogged ? `invalid nsid 0x${nsid.toString(16)}` : undefined);
}

const namespaces: Type<Below<Subsystem>> = {
  make: ({ owner: subsystem }, name, nvmet) => {
    const nsid = parseInteger(name, u32);
    if (nsid < 1 || nsid > lastNsid) throw badNsid(nsid, nvmet.kernel);
    if (nvmet.kernel.does.nsidChecked) {
      const taken = [...subsystem.namespaces].some((each) => each.nsid === nsid);
      if (taken || subsystem.namespaces.size >= mostNamespaces) throw new Errno("ENOMEM");
    }
    const made = new Namespace(subsystem, nsid, randomUuid(nvmet.machine.random));
    subsystem.namespaces.add(made);
    nvmet.say(`adding nsid ${nsid | 0} to subsystem ${subsystem.nqn.slice(0, longestNqn)}`);
    return new Item(`${pathOf(subsystem)}/namespaces/${name}`, namespace, made, nvmet);
  },
  drop: ({ owner }, child, nvmet) => {
    if (!(child instanceof Namespace)) return;
    nvmet.disable(child);
    owner.namespaces.delete(child);
  },
};

const allowedHosts: Type<Below<Subsystem>> = {
  allowLink: ({ owner }, target, nvmet) => {
    if (!(target instanceof NvmetHost))
      throw new Errno("EINVAL", "can only link hosts into the allowed_hosts directory!");
    nvmet.allow(owner, target);
  },
  dropLink: ({ owner }, target, nvmet) => {
    if (target instanceof NvmetHost) nvmet.revoke(owner, target);
  },
};

const passthru: Type<PassthruOf> = { attributes: passthruAttributes };
const subsystem: Type<Subsystem> = { attributes: subsystemAttributes };

function pathOf({ nqn }: Subsystem): string {
  return `nvmet/subsystems/${nqn}`;
}

const subsystems: Type<Nvmet> = {
  make: (_, name, nvmet) => {
    if (name === discoveryNqn) throw new Errno("EINVAL", "can't create discovery subsystem through configfs");
    if (name === nvmet.discoveryNqn) {
      throw new Errno("EINVAL", "can't create subsystem using unique discovery NQN");
    }
    const { kernel, random } = nvmet.machine;
    // Ten bytes in hexadecimal; before 5.15 a number of 64 bits, without leading zeros.
    const serial = kernel.does.asciiSerial ? hexOf(random(10)) : hexOf(random(8)).replace(/^0+(?=.)/, "");
    const made = new Subsystem(name, kernel, serial);
    nvmet.subsystems.set(name, made);
    const path = pathOf(made);
    return new Item(path, subsystem, made, nvmet, [
      new Item(`${path}/allowed_hosts`, allowedHosts, { owner: made }, nvmet),
      new Item(`${path}/namespaces`, namespaces, { owner: made }, nvmet),
      ...(kernel.built.has("passthru") ? [new Item(`${path}/passthru`, passthru, new PassthruOf(made), nvmet)] : []),
    ]);
  },
  drop: (nvmet, child) => {
    if (child instanceof Subsystem) nvmet.removeSubsystem(child);
  },
};

const portSubsystems: Type<Below<Port>> = {
  allowLink: ({ owner }, target, nvmet, caller) => {
    if (!(target instanceof Subsystem)) throw new Errno("EINVAL", "can only link subsystems into the subsystems dir.!");
    return nvmet.link(owner, target, caller?.network);
  },
  dropLink: async ({ owner }, target, nvmet) => {
    if (target instanceof Subsystem) await nvmet.unlink(owner, target);
  },
};

const referral: Type<Referral> = { attributes: referralAttributes };

const referrals: Type<PortDirectory> = {
  make: ({ owner: port, path }, name, nvmet) => {
    const made = new Referral(port, nvmet.kernel);
    port.referrals.add(made);
    return new Item(`${path}/referrals/${name}`, referral, made, nvmet);
  },
  drop: ({ owner: port }, child, nvmet) => {
    if (!(child instanceof Referral)) return;
    if (!nvmet.kernel.does.referralRmdir) throw new KernelCrash("rmdir of a referral");
    port.referrals.delete(child);
    if (child.enabled) nvmet.discoveryChanged((each) => each === port);
  },
};

const anaGroup: Type<AnaGroup> = { attributes: anaAttributes };

const anaGroups: Type<PortDirectory> = {
  make: ({ owner: port, path }, name, nvmet) => {
    const id = parseInteger(name, u32);
    if (id < 2 || id > lastAnaGroup) throw new Errno("EINVAL");
    // A port has one state for each number, however many directories spell it (nvmet_port.ana_state).
    const made = port.anaGroups.get(id) ?? new AnaGroup(port, id);
    port.anaGroups.set(id, made);
    return new Item(`${path}/ana_groups/${name}`, anaGroup, made, nvmet);
  },
  drop: (_, child, nvmet) => {
    if (!(child instanceof AnaGroup)) return;
    child.state = "inaccessible";
    for (const each of child.port.subsystems) nvmet.controllers.tell(each);
  },
};

const port: Type<Port> = { attributes: portAttributes };

/** A directory of a port, which must know what the port's is called: 7 and 007 are two. */
interface PortDirectory extends Below<Port> {
  path: string;
}

const ports: Type<Nvmet> = {
  make: (_, name, nvmet) => {
    const made = new Port(parseIn(name, u16));
    nvmet.ports.add(made);
    const path = `nvmet/ports/${name}`;
    const directory: PortDirectory = { owner: made, path };
    const first = new AnaGroup(made, 1);
    made.anaGroups.set(1, first);
    return new Item(path, port, made, nvmet, [
      new Item(`${path}/ana_groups`, anaGroups, directory, nvmet, [
        new Item(`${path}/ana_groups/1`, anaGroup, first, nvmet),
      ]),
      new Item(`${path}/referrals`, referrals, directory, nvmet),
      new Item(`${path}/subsystems`, portSubsystems, { owner: made }, nvmet),
    ]);
  },
  drop: (nvmet, child) => {
    if (child instanceof Port) nvmet.ports.delete(child);
  },
};

const rootAttributes: Attributes<Nvmet, Nvmet> = {
  discovery_nqn: {
    when: ({ does }) => does.discoveryNqn,
    show: (nvmet) => nvmet.discoveryNqn,
    store: (nvmet, text) => {
      const [nqn = ""] = text.split("\n");
      if (nqn === "" || Buffer.byteLength(nqn) > longestDiscoveryNqn) throw new Errno("EINVAL");
      const taken = [...nvmet.subsystems.keys()].find((name) => name.startsWith(nqn));
      if (taken !== undefined) throw new Errno("EINVAL", `duplicate NQN ${taken}`);
      nvmet.discoveryNqn = nqn;
      // The store returns the length without the newline.
      if (nqn !== text) throw new ShortWrite(Buffer.byteLength(nqn));
    },
  },
};

/** /sys/kernel/config/nvmet */
export function nvmetTree(nvmet: Nvmet): Item<Nvmet, Nvmet> {
  return new Item("nvmet", { attributes: rootAttributes }, nvmet, nvmet, [
    new Item("nvmet/hosts", hosts, nvmet, nvmet),
    new Item("nvmet/ports", ports, nvmet, nvmet),
    new Item("nvmet/subsystems", subsystems, nvmet, nvmet),
  ]);
}
