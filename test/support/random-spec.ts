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
