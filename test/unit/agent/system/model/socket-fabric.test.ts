import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fabricKey } from "../../../../../agent/system/model/fabric/fabric.ts";
import { createSocketFabric } from "../../../../../agent/system/model/fabric/socket-fabric.ts";

const at = { transport: "tcp", address: "10.0.0.1", port: 4420 };

async function killedWhileListening(path: string): Promise<void> {
  const code = "require('node:net').createServer().listen(process.argv[1], () => console.log('up'))";
  const child = spawn(process.execPath, ["-e", code, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

it("refuses at the socket of a dead process, and gives its address to the next", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ff-"));
  try {
    await killedWhileListening(join(directory, fabricKey(at)));
    const fabric = createSocketFabric(directory);
    await expect(fabric.dial(at, "10.0.0.2", 1000)).rejects.toMatchObject({ code: "ECONNREFUSED" });

    let from = "";
    const listener = await fabric.listen(at, ({ stream }, remote) => {
      from = remote;
      stream.end("hello");
    });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await expect(createSocketFabric(directory).listen(at, () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });

    const { stream } = await createSocketFabric(directory).dial(at, "10.0.0.2", 1000);
    let text = "";
    for await (const chunk of stream) text += chunk;
    expect([text, from]).toEqual(["hello", "10.0.0.2"]);
    await listener.close();
    await expect(fabric.dial(at, "10.0.0.2", 1000)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  } finally {
    await rm(directory, { recursive: true });
  }
});
