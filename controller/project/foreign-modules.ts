import { didYouMean } from "../template/suggest.ts";
import { moduleNames } from "./modules.ts";

const fetchIt = "let the node fetch it: command: curl -fsSLo /path URL, with creates: /path";
const storage = "there is no kind for it yet: use command with the program, and creates or a check before it";
const person =
  "use command: with useradd, usermod or groupadd, after getent, and failed_when for what is there already";
const repository = "write the file below /etc with copy, and let command: refresh what was read";
const service = "use service or systemd_service";
const packages = "use package";
const network = "use command: with ip, nft or nmcli";
const later =
  "run the long thing as a task with timeout: its progress is shown, and other hosts are not held up with strategy: free";

/** Modules of Ansible that are not here, and the nearest thing to write instead. */
export const foreignModules: Readonly<Record<string, string>> = {
  add_host: "write the host into the inventory: a run has the hosts that it began with",
  alternatives: "use command: update-alternatives, or file with state: link",
  apt_key: repository,
  apt_repository: repository,
  archive: "use command: tar, with creates",
  assemble: "put the pieces together in a template, with include or a loop",
  async_status: later,
  at: "use command: at, or systemd-run --on-calendar",
  authorized_key: "use copy or lineinfile for authorized_keys",
  blockinfile: "use template or copy for a file of its own, or lineinfile line by line",
  cron: "use copy for a file in /etc/cron.d, or a systemd timer",
  debconf: "use command: debconf-set-selections, with stdin",
  dpkg_selections: "use command: apt-mark hold",
  expect: "give the answers with command and stdin",
  fetch: "read it with command: cat, and register",
  find: "use command: find, and loop over stdout_lines",
  firewalld: network,
  gather_facts: "use setup",
  gem: "use command: gem install, with creates",
  get_url: fetchIt,
  getent: "use command: getent, with register",
  git: "use command: git, with creates for the first clone",
  group: person,
  group_by: "write the groups into the inventory, or use when",
  hostname: "use command: hostnamectl set-hostname, where facts.hostname is another one",
  include: "use import_tasks or include_tasks",
  iptables: network,
  known_hosts: "use copy for /etc/ssh/ssh_known_hosts",
  lvg: storage,
  lvol: storage,
  mdadm: storage,
  modprobe: "use kernel_module: { name: … }: it is loaded again after each boot",
  ovirt: "manage virtual machines with Ansible; nodes are machines that run already",
  package_facts: "use command: dpkg-query or rpm -q, with register",
  parted: storage,
  pip: "use command: pip install, with creates",
  raw: "use shell: an agent is there already",
  replace: "use lineinfile with regexp, or a template of the whole file",
  rpm_key: repository,
  script: "put the script there with copy, and run it with command",
  seboolean: "use command: setsebool -P",
  selinux: "use lineinfile for /etc/selinux/config",
  service_facts: "use command: systemctl is-active, with register and failed_when: false",
  set_stats: "use set_fact: variables of a host last for the run",
  slurp: "use command: base64, or cat, with register",
  stat: "use command: stat, with register, failed_when: false and changed_when: false",
  subversion: "use command: svn, with creates",
  synchronize: "use copy, or command: rsync",
  systemd: service,
  sysvinit: service,
  tempfile: "use command: mktemp, with register",
  timezone: "use command: timedatectl set-timezone",
  unarchive: "let the node unpack it: command: tar, with creates",
  uri: "use command: curl, with register",
  user: person,
  validate_argument_spec: "use assert",
  wait_for_connection: "leave it out: a node that is away is waited for, and shown as unreachable",
  win_command: "nodes run Linux",
  yum: packages,
  yum_repository: repository,
  zfs: storage,
};

const prefix = /^(?:[a-z_]\w*\.){2,}/i;

/** What to write instead of a word that is no module here. */
export function hintForModule(key: string): string {
  const short = key.replace(prefix, "");
  const known = Object.hasOwn(foreignModules, short) ? foreignModules[short] : undefined;
  return known ?? didYouMean(short, moduleNames) ?? `the modules are ${moduleNames.join(", ")}`;
}

/** Whether it is a module as people know them, rather than a slip of the keyboard. */
export function isForeignModule(key: string): boolean {
  return prefix.test(key) || Object.hasOwn(foreignModules, key);
}
