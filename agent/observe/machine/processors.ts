/** How many processors there are, in Ansible's words. */
export interface Processors {
  /** Sockets. */
  processor_count: number;
  processor_cores: number;
  processor_threads_per_core: number;
  processor_vcpus: number;
}

/**
 * /proc/cpuinfo, counted as Ansible counts: by `physical id`, `cpu cores` and `siblings` of x86; elsewhere each processor is a
 * socket of its own.
 */
export function parseProcessors(text: string): Processors | undefined {
  const valuesOf = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}[ \\t]*:[ \\t]*(\\d+)$`, "gm"))].map(([, value]) => Number(value));
  const processors = valuesOf("processor").length;
  if (processors === 0) return undefined;
  const sockets = new Set(valuesOf("physical id")).size || processors;
  const cores = valuesOf("cpu cores")[0] || 1;
  const threads = Math.floor((valuesOf("siblings")[0] ?? 1) / cores) || 1;
  return {
    processor_count: sockets,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: sockets * cores * threads,
  };
}

/** What uname(2) calls the machine, told by /proc/cpuinfo, for kernels without /proc/sys/kernel/arch (it came with 6.1). */
export function machineIn(cpuinfo: string): string | undefined {
  if (/^flags\s*:.*\blm\b/m.test(cpuinfo)) return "x86_64";
  if (/^CPU architecture\s*:\s*8$/m.test(cpuinfo)) return "aarch64";
  if (/^vendor_id\s*:\s*IBM\/S390$/m.test(cpuinfo)) return "s390x";
  return /^cpu\s*:\s*POWER/m.test(cpuinfo) ? "ppc64le" : undefined;
}

/** Memory and swap of /proc/meminfo, in MiB. */
export function parseMemory(text: string): { memtotal_mb: number; swaptotal_mb: number } | undefined {
  const [memory, swap] = ["MemTotal", "SwapTotal"].map(
    (name) => new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1],
  );
  if (memory === undefined) return undefined;
  return { memtotal_mb: Math.floor(Number(memory) / 1024), swaptotal_mb: Math.floor(Number(swap ?? 0) / 1024) };
}
