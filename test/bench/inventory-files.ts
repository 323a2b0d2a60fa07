/** An inventory of so many hosts in so many groups, each host with three variables of its own, each group with two. */
export function makeInventory(hosts: number, groups: number, form: "YAML" | "INI" | "folder"): Record<string, string> {
  const racks = Array.from({ length: groups }, (_, rack) => {
    const members = Array.from({ length: Math.ceil((hosts - rack) / groups) }, (_, index) => {
      const number = rack + index * groups;
      const byte = `${number >> 8}.${number & 255}`;
      return {
        name: `flash${String(number).padStart(6, "0")}`,
        address: `10.1.${byte}`,
        storage: `10.2.${byte}`,
        number,
      };
    });
    return { rack, members };
  });
  if (form === "INI") return { hosts: racks.map(ini).join("") };
  const yaml = `all:\n  vars: {service_id: 4420}\n  children:\n${racks.map(({ rack, members }) => group(rack, members, form === "YAML")).join("")}`;
  if (form === "YAML") return { hosts: yaml };
  const files = racks.map(({ rack }) => [`group_vars/rack${rack}.yml`, `rack: ${rack}\nzone: z${rack % 10}\n`]);
  return { hosts: yaml, ...Object.fromEntries(files) };
}

interface Member {
  name: string;
  address: string;
  storage: string;
  number: number;
}

function group(rack: number, members: readonly Member[], hasVariables: boolean): string {
  const lines = members.map(
    ({ name, address, storage, number }) =>
      `        ${name}:\n          ansible_host: ${address}\n          address: ${storage}\n          slot: ${number}\n`,
  );
  const variables = hasVariables ? `      vars:\n        rack: ${rack}\n        zone: z${rack % 10}\n` : "";
  return `    rack${rack}:\n${variables}      hosts:\n${lines.join("")}`;
}

function ini({ rack, members }: { rack: number; members: readonly Member[] }): string {
  const lines = members.map(
    ({ name, address, storage, number }) => `${name} ansible_host=${address} address=${storage} slot=${number}\n`,
  );
  return `[rack${rack}]\n${lines.join("")}[rack${rack}:vars]\nrack=${rack}\nzone=z${rack % 10}\n`;
}
