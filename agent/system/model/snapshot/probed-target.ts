import type { Duplex } from "node:stream";
import { discover } from "../../../../shared/nvme/discovery/client.ts";
import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { unknownNsid } from "../../../observe/observed.ts";
import {
  type ConnectRequest,
  FromHost,
  type FromTarget,
  MessageStream,
  modelSessionByte,
  type NamespaceView,
} from "../fabric/messages.ts";
import { noId } from "../host/subsystem.ts";
import { onFirstByte } from "../nvmet/serve.ts";
import type { Timeline } from "./timeline.ts";

/** Milliseconds for a target to say what it offers. */
const discoveryMillis = 5_000;

/** A namespace of which nothing is known but that there will be one. */
const unknownNamespace: NamespaceView = {
  nsid: unknownNsid,
  uuid: noId,
  nguid: noId,
  size: 512,
  anaGroup: 1,
  anaState: "optimized",
};

interface Means {
  timeline: Timeline;
  /** The namespaces of a subsystem that the node is connected to already: they will be the same. */
  known(nqn: string): readonly NamespaceView[] | undefined;
  /** A controller id that no other controller has. */
  cntlid(): number;
}

/**
 * Answers a shadow in place of a target that is there: `real` is a connection to it, undefined where there can be none. A connect is answered by what the target's
 * discovery log offers to that host, which changes nothing there; what speaks NVMe/TCP itself is put through.
 */
export function answerForTarget(near: Duplex, real: Duplex | undefined, means: Means): void {
  near.once("close", () => real?.destroy());
  real?.on("error", () => {});
  onFirstByte(near, (byte) => {
    if (byte === modelSessionByte) answerConnect(near, real, means);
    else if (real === undefined) near.destroy();
    else {
      near.pipe(real).pipe(near);
      real.once("close", () => near.destroy());
    }
  });
}

function answerConnect(near: Duplex, real: Duplex | undefined, { timeline, known, cntlid }: Means): void {
  let asked = false;
  const messages: MessageStream<FromHost, FromTarget> = new MessageStream(
    near,
    FromHost,
    (message) => {
      if (message.is !== "connect" || asked) return;
      asked = true;
      void timeline.outside(predict(real, message)).then((answer) => {
        if (answer === undefined) return messages.close();
        if (answer === "refused") {
          messages.send({ is: "refused", status: statuses.connectInvalidHost | doNotRetry });
          return messages.finish();
        }
        messages.send({
          is: "connected",
          cntlid: cntlid(),
          kind: answer,
          tellsType: true,
          serial: "",
          model: "",
          firmware: "",
          queues: 128,
          queueSize: 128,
          namespaces: answer === "discovery" ? [] : [...(known(message.subsystem) ?? [unknownNamespace])],
        });
      });
    },
    () => {},
  );
}

/** undefined where it is no NVMe target. One that cannot be asked is taken to let the host in. */
async function predict(
  real: Duplex | undefined,
  { subsystem, hostnqn, hostid }: ConnectRequest,
): Promise<"io" | "discovery" | "refused" | undefined> {
  if (real === undefined) return subsystem === discoveryNqn ? "discovery" : "io";
  try {
    const { records } = await discover(real, { hostnqn, hostid }, AbortSignal.timeout(discoveryMillis));
    if (subsystem === discoveryNqn) return "discovery";
    const found = records.find(({ nqn }) => nqn === subsystem);
    if (found === undefined) return "refused";
    return found.subtype === "nvm" ? "io" : "discovery";
  } catch {
    return undefined;
  } finally {
    real.destroy();
  }
}
