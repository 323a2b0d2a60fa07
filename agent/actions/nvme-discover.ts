import { left } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { discover } from "../../shared/nvme/discovery/client.ts";
import { observe } from "../observe/observe.ts";
import { SystemError } from "../system/system.ts";
import type { Action } from "./action.ts";

/** For a node that has no identity: discovery needs none, any will do. */
const anonymous = {
  hostnqn: "nqn.2014-08.org.nvmexpress:uuid:00000000-0000-4000-8000-000000000000",
  hostid: "00000000-0000-4000-8000-000000000000",
};

const deafMillis = 20;

/** What a target offers this host, as `nvme discover` shows it; fails where `nqn` is asked for and not among it. */
export const nvmeDiscover: Action<"nvme_discover"> = async (args, { system, clock, deadline }) => {
  if (args.transport !== "tcp") {
    throw new FlashfleetError(
      "bad_argument",
      `cannot discover over ${args.transport}: only tcp is possible without a kernel controller`,
      {
        hint: "run nvme discover with command:",
      },
    );
  }
  const { host } = await observe(system, ["host"]);
  const end = Math.min(deadline, clock.now() + args.timeout * 1000);
  const at = `${args.address}:${args.service_id}`;
  const hostnqn = args.hostnqn ?? host.hostnqn ?? anonymous.hostnqn;
  const stream = await system
    .dial({ address: args.address, port: Number(args.service_id) }, end)
    .catch((error: unknown) => {
      throw new FlashfleetError(
        "discovery_failed",
        `cannot discover at ${at}: ${error instanceof SystemError ? error.errno : String(error)}`,
        {
          hint: "does the target listen there? A port listens once a subsystem is linked into it",
          cause: error,
        },
      );
    });
  // Linux 5.0 does not notice what comes right after it accepted a connection.
  await clock.sleep(deafMillis);
  const timer = AbortSignal.timeout(Math.ceil(left(clock, end)));
  try {
    const { generation, records } = await discover(stream, { hostnqn, hostid: host.hostid ?? anonymous.hostid }, timer);
    const found = records.map((record) => ({
      transport: record.transport,
      address_family: record.addressFamily,
      subtype: record.subtype,
      treq: record.treq,
      port_id: record.portId,
      service_id: record.serviceId,
      nqn: record.nqn,
      address: record.address,
      sectype: record.sectype,
    }));
    const result = { generation: Number(generation), records: found };
    if (args.nqn === undefined || found.some(({ nqn }) => nqn === args.nqn)) return { outcome: "ok", result };
    const offered = found.filter(({ subtype }) => subtype === "nvm").map(({ nqn }) => nqn);
    return {
      outcome: "failed",
      result,
      error: {
        code: "discovery_failed",
        message: `${at} does not offer ${args.nqn} to ${hostnqn}`,
        hint: `it offers ${offered.join(", ") || "nothing to this host"}: is it linked into that port, and this host among its allowed_hosts?`,
      },
    };
  } finally {
    stream.destroy();
  }
};
