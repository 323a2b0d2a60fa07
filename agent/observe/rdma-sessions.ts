import * as z from "zod";
import type { Deadline } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { runTool } from "../actions/programs/run.ts";
import { type System, SystemError } from "../system/system.ts";
import type { Session } from "./observed.ts";

/** Only netlink knows RDMA's connections, and of Node's reach only iproute2 speaks it. */
export const listRdmaConnections = ["rdma", "-j", "resource", "show", "cm_id"] as const;
const connected = "CONNECT";

/** A connection identifier of rdma_cm, one for each queue (iproute2, rdma/res-cmid.c). */
const ConnectionIds = z.array(
  z.looseObject({ state: z.string().optional(), "src-addr": z.string().optional(), "dst-addr": z.string().optional() }),
);

/** This node's RDMA connections, those to nvmet among them; undefined where they cannot be seen. */
export async function observeRdmaSessions(system: System, deadline: Deadline): Promise<Session[] | undefined> {
  try {
    const { code, stdout } = await runTool({ argv: listRdmaConnections }, { system, deadline });
    return code === 0 ? parseRdmaSessions(stdout) : undefined;
  } catch (error) {
    if (error instanceof SystemError || error instanceof FlashfleetError) return undefined;
    throw error;
  }
}

/** What `rdma -j resource show cm_id` prints; nothing at all where there is no RDMA device. undefined for anything else. */
export function parseRdmaSessions(text: string): Session[] | undefined {
  if (text.trim() === "") return [];
  const ids = ConnectionIds.safeParse(jsonOf(text));
  if (!ids.success) return undefined;
  return ids.data.flatMap(({ state, "src-addr": source, "dst-addr": destination }) => {
    const [local, peer] = [source, destination].map(parseEnd);
    return state !== connected || local === undefined || peer === undefined ? [] : [{ local, peer }];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 10.0.0.1:4420, fe80::1:4420 or [fe80::1]:4420. */
function parseEnd(text: string | undefined): Session["local"] | undefined {
  const [, address, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text ?? "") ?? [];
  return address === undefined ? undefined : { address: address.toLowerCase(), port: Number(port) };
}
