import { Lab } from "../lab.ts";

// Boots a machine, prints the process id of its emulator, and never ends by itself.
const lab = await Lab.open({ name: "boot-and-wait" });
const { machine } = await lab.boot({ machine: {} });
process.stdout.write(`${machine.pid}\n`);
