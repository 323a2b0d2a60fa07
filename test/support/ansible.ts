import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Why a test cannot be compared with Ansible here; undefined where it can. */
export function whyNoAnsible(): string | undefined {
  const found = spawnSync("ansible-playbook", ["--version"], { encoding: "utf8", timeout: 60_000 });
  if (found.status === 0) return undefined;
  return "there is no ansible-playbook: apt-get install --no-install-recommends ansible-core";
}

/** What one of Ansible's programs came to. */
export interface AnsibleAnswer {
  code: number;
  out: string;
  err: string;
}

/** Runs one of Ansible's programs in a folder, without colours, configuration or fact caches of whoever runs the tests. */
export async function ansible(directory: string, [program = "", ...args]: readonly string[]): Promise<AnsibleAnswer> {
  const environment = {
    ...process.env,
    ANSIBLE_CONFIG: "/dev/null/ansible.cfg",
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_PYTHON_INTERPRETER: "auto_silent",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
    COLUMNS: "80",
  };
  const child = spawn(program, args, { cwd: directory, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const answer = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    answer.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    answer.err += text;
  });
  const [code] = await once(child, "close");
  return { code: Number(code), ...answer };
}
