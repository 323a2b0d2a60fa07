import { startNatsServer } from "../../../controller/nats-server/supervise.ts";
import { findTestServer } from "../../support/nats-server.ts";

// A controller that will be killed: starts a server in the directory that it is given and says its process id.
const [, , directory = ""] = process.argv;
const program = await findTestServer();
const server = await startNatsServer({ program, directory, port: 0, onTrouble: () => undefined });
process.stdout.write(`${server.pid}\n`);
setInterval(() => undefined, 60_000);
