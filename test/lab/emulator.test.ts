import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { describeLab } from "./lab-test.ts";

const program = fileURLToPath(new URL("support/boot-and-wait.ts", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

describeLab("an emulator", () => {
  it("ends when the process that started it is killed", async () => {
    const owner = spawn(process.execPath, ["--import", "tsx", program], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [emulator] = await once(createInterface(owner.stdout), "line");
    expect(existsSync(`/proc/${emulator}`)).toBe(true);
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await expect.poll(() => existsSync(`/proc/${emulator}`), { timeout: 10_000 }).toBe(false);
  });
});
