import fc from "fast-check";
import type { Tasks } from "./wanted.ts";

const nqns = ["nqn.a", "nqn.b", "nqn.c"];
const hosts = ["nqn.h1", "nqn.h2"];
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Each device is exported once: by the subsystem with the same number. */
const subsystem = fc.integer({ min: 0, max: 2 }).chain((index) =>
  fc.record({
    nvmet_subsystem: fc.record({
      nqn: fc.constant(nqns[index] ?? ""),
      serial: maybe(fc.constantFrom("S1", "S2")),
      model: maybe(fc.constantFrom("Flash", "Linux")),
      allowed_hosts: maybe(fc.subarray(hosts)),
      namespaces: maybe(
        fc.array(
          fc.record({
            nsid: fc.constant(index + 1),
            device: fc.constant(`/dev/nvme${index}n1`),
            ana_group: maybe(fc.constantFrom(1, 2)),
            enabled: maybe(fc.boolean()),
          }),
          { maxLength: 1 },
        ),
      ),
      ports: maybe(fc.subarray([1, 2])),
    }),
  }),
);

const port = fc.constantFrom(1, 2).chain((id) =>
  fc.record({
    nvmet_port: fc.record({
      id: fc.constant(id),
      address: fc.constant("10.0.0.1"),
      service_id: fc.constant(4420 + id),
      ana_groups: maybe(
        fc.array(fc.record({ id: fc.constant(2), state: fc.constantFrom("optimized", "inaccessible") }), {
          maxLength: 1,
        }),
      ),
      inline_data_size: maybe(fc.constantFrom(4096, 16384)),
    }),
  }),
);

const host = fc.record({
  nvmet_host: fc.record({ nqn: fc.constantFrom(...hosts), dhchap_hash: maybe(fc.constant("hmac(sha512)")) }),
});

const bothPorts: Tasks = [1, 2].map((id) => ({ nvmet_port: { id, address: "10.0.0.1", service_id: 4420 + id } }));

/** What a target may be told, without contradictions: both ports are there, fields that are undefined are left out. */
export const targetTasks: fc.Arbitrary<Tasks> = fc
  .array(fc.oneof(subsystem, port, host), { minLength: 1, maxLength: 6 })
  .map((tasks) => [...bothPorts, ...tasks]);

/** The same things, gone; of some of them. */
export function someAbsent(tasks: Tasks): fc.Arbitrary<Tasks> {
  return fc
    .subarray(tasks.filter((task) => !("nvmet_port" in task) && !("nvmet_host" in task)))
    .map((chosen) =>
      chosen.map((task) =>
        Object.fromEntries(
          Object.entries(task).map(([kind, what]) => [kind, { nqn: Object(what).nqn, state: "absent" }]),
        ),
      ),
    );
}

/** Tasks as people write them, right and wrong: for a target, an initiator, in any order, with what no kernel would take. */
export const tasksOfAllSorts: fc.Arbitrary<Tasks[number]> = fc.oneof(
  { weight: 4, arbitrary: subsystem },
  { weight: 3, arbitrary: port },
  host,
  subsystem.map(({ nvmet_subsystem: { nqn } }) => ({ nvmet_subsystem: { nqn, state: "absent" } })),
  fc.constantFrom(1, 2).map((id) => ({
    nvmet_port: { id, address: "10.0.0.1", service_id: 4420 + id, state: "absent" },
  })),
  fc.constantFrom(...hosts).map((nqn) => ({ nvmet_host: { nqn, state: "absent" } })),
  subsystem.map(({ nvmet_subsystem: each }) => ({
    nvmet_subsystem: { ...each, exclusive: true, override: each.namespaces?.map(({ device }) => device) ?? [] },
  })),
  fc.record({
    nvmet_subsystem: fc.record({
      nqn: fc.constantFrom(...nqns),
      allow_any_host: maybe(fc.boolean()),
      firmware: maybe(fc.constant("1.0")),
      cntlid_min: maybe(fc.constantFrom(1, 5, 700)),
      cntlid_max: maybe(fc.constantFrom(5, 699)),
      qid_max: maybe(fc.constantFrom(4)),
      serial: maybe(fc.constantFrom("not hexadecimal", "abc")),
      namespaces: maybe(
        fc.array(
          fc.record({
            nsid: fc.constantFrom(1, 2, 7),
            device: fc.constantFrom("/dev/nvme1n1", "/srv/volume.img", "/srv/missing.img", "/dev/nvme9n1", "/run"),
            buffered_io: maybe(fc.boolean()),
          }),
          { maxLength: 2 },
        ),
      ),
      ports: maybe(fc.subarray([1, 3])),
    }),
  }),
  fc.record({
    nvmet_port: fc.record({
      id: fc.constantFrom(1, 3),
      address: fc.constantFrom("10.0.0.1", "10.0.0.77", "0.0.0.0", "not-an-address"),
      service_id: fc.constantFrom(4421, 4500),
      tsas: maybe(fc.constantFrom("none", "tls1.3")),
      max_queue_size: maybe(fc.constant(64)),
    }),
  }),
  fc
    .constantFrom("nvmet", "nvmet-tcp", "nvme-tcp", "nvme-loop", "nvmet-rdma", "no_such_module")
    .chain((name) => fc.constantFrom({ kernel_module: { name } }, { kernel_module: { name, state: "absent" } })),
  fc.constantFrom(
    { nvme_host_identity: {} },
    { nvme_host_identity: { hostnqn: "nqn.other", hostid: "11111111-2222-3333-4444-555555555555" } },
    { nvme_host_identity: { state: "absent" } },
  ),
  fc.record({
    nvme_connection: fc.record({
      nqn: fc.constantFrom("nqn.peer", "nqn.peer", "nqn.nobody", "nqn.a"),
      paths: fc.constantFrom(
        [{ address: "10.0.0.9", service_id: 4420 }],
        [{ address: "10.0.0.9", service_id: 4499 }],
        [{ address: "10.0.0.1", service_id: 4421 }],
        [{ address: "10.9.9.9", service_id: 4420 }],
        [{ address: "10.0.0.9", service_id: 4420, host_interface: "eth7" }],
      ),
      iopolicy: maybe(fc.constantFrom("round-robin", "queue-depth")),
      ctrl_loss_tmo: maybe(fc.constantFrom(60, 67)),
      tos: maybe(fc.constant(8)),
      tls: maybe(fc.constant(true)),
      nr_io_queues: maybe(fc.constant(1)),
    }),
  }),
  fc.constantFrom("nqn.peer", "nqn.a").map((nqn) => ({ nvme_connection: { nqn, state: "absent" } })),
);
