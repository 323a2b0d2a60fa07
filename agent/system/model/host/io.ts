import type { PageIo } from "../backing.ts";
import { Errno } from "../errno.ts";
import { PathError, type Session } from "./session.ts";
import type { Disk, HostSubsystem } from "./subsystem.ts";

/**
 * Reads and writes over a disk's best path (nvme_ns_head_submit_bio). What fails with the path is tried over the next; while
 * none is usable and one may become so it waits, for ever if need be; then it fails with EIO.
 */
export function diskIo(subsystem: HostSubsystem, disk: Disk): PageIo {
  return {
    read: (offset, length) => overPaths(subsystem, disk, (session, nsid) => session.read(nsid, offset, length)),
    write: (offset, bytes) => overPaths(subsystem, disk, (session, nsid) => session.write(nsid, offset, bytes)),
  };
}

async function overPaths<R>(
  subsystem: HostSubsystem,
  { head, name }: Disk,
  act: (session: Session, nsid: number) => Promise<R>,
): Promise<R> {
  for (;;) {
    // Looked up anew: paths come and go, and the disk with the last of them.
    const disk = subsystem.disks.find((each) => each.head === head && each.name === name);
    if (disk === undefined) throw new Errno("EIO");
    const session = bestSession(subsystem, disk);
    if (session === undefined) {
      if (!disk.paths.some(({ controller }) => controller.isExpected)) throw new Errno("EIO");
      await change(disk);
      continue;
    }
    try {
      return await act(session, head.nsid);
    } catch (error) {
      // Without multipath there is no other path: the kernel tries a few times and gives up.
      if (!(error instanceof PathError) || (!subsystem.multipath && session.isEstablished)) throw error;
    }
  }
}

/** nvme_find_path: of live paths an optimized one, or else one that is not. Without multipath ANA states count for nothing. */
function bestSession({ multipath }: HostSubsystem, { paths }: Disk): Session | undefined {
  const live = paths.filter(({ controller }) => controller.session !== undefined);
  if (!multipath) return live[0]?.controller.session;
  const inState = (state: string) => live.find(({ view }) => view.anaState === state);
  return (inState("optimized") ?? inState("non-optimized"))?.controller.session;
}

function change({ head: { waiting } }: Disk): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
  });
}
