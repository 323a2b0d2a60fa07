import { linuxMachine } from "../../contract/programs/linux-machine.ts";
import { perform, programs } from "../../contract/programs/programs.ts";

/*
 * Runs one of the recorded programs on the kernel that it stands on: in a machine of the lab, as root. Argument: its name.
 * Prints its lines.
 */

const [name = ""] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) throw new Error(`there is no program ${name}`);
await perform(program, linuxMachine(), (line) => process.stdout.write(`${line}\n`));
// What a program left open, as a hanging child, must not keep it.
process.exit(0);
