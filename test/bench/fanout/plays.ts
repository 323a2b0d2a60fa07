import { identityOf, nqnOf } from "../model-fleet.ts";

/** Resource tasks that have nothing to do the second time: what the fan-out is measured with. */
export const resources = `- name: Resources
  hosts: all
  gather_facts: false
  vars: { service_id: 4420 }
  tasks:
    - name: Load the target's modules
      kernel_module: { name: [nvmet, nvmet-tcp] }
    - name: Load the initiator's modules
      kernel_module: { name: [nvme, nvme-tcp] }
    - name: Have a host identity
      nvme_host_identity: {}
    - name: Create a port
      nvmet_port: { id: 1, transport: tcp, address: "{{ address }}", service_id: "{{ service_id }}" }
    - name: Know a host
      nvmet_host: { nqn: "nqn.2026-01.bench:{{ inventory_hostname }}-host" }
    - name: Export a drive
      nvmet_subsystem:
        nqn: "nqn.2026-01.bench:{{ inventory_hostname }}"
        allow_any_host: true
        namespaces: [{ nsid: 1, device: /dev/nvme0n1 }]
        ports: [1]
    - name: Connect to what another node exports
      nvme_connection:
        nqn: "{{ peer_nqn }}"
        paths: [{ transport: tcp, address: "{{ peer_address }}", service_id: "{{ service_id }}" }]
    - name: Make a directory
      file: { path: /etc/flash, state: directory, mode: "0755" }
    - name: Have modules loaded at boot
      copy: { content: "nvmet-tcp\\nnvme-tcp\\n", dest: /etc/flash/modules, mode: "0644" }
    - name: Have a line
      lineinfile: { path: /etc/flash/node, line: "name={{ inventory_hostname }}", create: true }
`;

/** Ten tasks that flashfleet and Ansible do from the very same text; below `root` each host has files of its own. */
export const files = `- name: Files
  hosts: all
  gather_facts: false
  vars: { home: "{{ root }}/{{ inventory_hostname }}" }
  tasks:
    - name: Make a directory
      file: { path: "{{ home }}", state: directory, mode: "0755" }
    - name: Make a second one
      file: { path: "{{ home }}/conf", state: directory, mode: "0750" }
    - name: Copy a list of modules
      copy: { content: "nvmet-tcp\\nnvme-tcp\\n", dest: "{{ home }}/conf/modules", mode: "0644" }
    - name: Copy a file with the host's name
      copy: { content: "name={{ inventory_hostname }}\\naddress={{ address }}\\n", dest: "{{ home }}/conf/node", mode: "0640" }
    - name: Have a line
      lineinfile: { path: "{{ home }}/conf/roles", line: "role=target", create: true }
    - name: Have a line in the place of another one
      lineinfile: { path: "{{ home }}/conf/roles", regexp: "^address=", line: "address={{ address }}" }
    - name: Have a file of its own
      copy: { content: "service_id=4420\\n", dest: "{{ home }}/conf/service", mode: "0600" }
    - name: Have the mode of a file
      file: { path: "{{ home }}/conf/service", state: file, mode: "0600" }
    - name: Link to it
      file: { path: "{{ home }}/service", src: "{{ home }}/conf/service", state: link }
    - name: Not have what is gone
      file: { path: "{{ home }}/old", state: absent }
`;

/** Tasks of each of the two. */
export const taskCount = 10;

/** Numbers of nodes, of which the first is `first`. */
export interface Chunk {
  first: number;
  count: number;
}

/** The lines of an INI inventory: each host is connected to the next of its process, the last one to the first. */
export function inventoryOf(chunks: readonly Chunk[]): string {
  const lines = chunks.flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, index) => {
      const node = identityOf(first + index);
      const peer = identityOf(first + ((index + 1) % count));
      return `${node.name} address=${node.address} peer_nqn=${nqnOf(peer)} peer_address=${peer.address}`;
    }),
  );
  return `${lines.join("\n")}\n`;
}
