/** A pair play over the nodes of {@link pairNodes}: one volume, on a drive that is named, so that it may be made again. */
export function pairPlay(
  volume: string,
  {
    play = "",
    initiators = "db01",
    targets = "flash01",
  }: { play?: string; initiators?: string; targets?: string } = {},
): string {
  const lines = play === "" ? "" : `    ${play}\n`;
  return `- name: Remote flash\n  pair:\n    targets: ${targets}\n    initiators: ${initiators}\n${lines}    volumes: [${volume}]\n`;
}

export const namedDrive = "/dev/disk/by-id/nvme-SSD_A1";

const data = `{ name: data, device: ${namedDrive} }`;
const gone = "{ name: data, state: absent }";

/** A change of a pair as a transaction: from what one playbook makes to what another one does. */
export interface Transaction {
  name: string;
  /** What is there before; undefined: nothing. */
  from: string | undefined;
  to: string;
  /** What takes everything away again. */
  end: string;
}

const shared = `{ name: data, share: all, device: ${namedDrive} }`;
const sharedGone = "{ name: data, share: all, state: absent }";
const locked = (version: number) => `paths: 2\n    authentication: dhchap-bidirectional\n    key_version: ${version}`;

export const transactions: readonly Transaction[] = [
  { name: "making a volume", from: undefined, to: pairPlay(data, { play: locked(1) }), end: pairPlay(gone) },
  { name: "ending a volume", from: pairPlay(data, { play: locked(1) }), to: pairPlay(gone), end: pairPlay(gone) },
  {
    name: "making a volume on two targets",
    from: undefined,
    to: pairPlay("{ name: data, device: /srv/volume.img, size: 10MB, backing: replicated, optimized: flash02 }", {
      targets: "flash",
    }),
    end: pairPlay(gone),
  },
  { name: "adding a path", from: pairPlay(data), to: pairPlay(data, { play: "paths: 2" }), end: pairPlay(gone) },
  {
    name: "moving a path",
    from: pairPlay(data, { play: "addresses: 10.20.0.0/16" }),
    to: pairPlay(data, { play: "addresses: 10.30.0.0/16" }),
    end: pairPlay(gone),
  },
  {
    name: "taking a path away",
    from: pairPlay(data, { play: "paths: 2" }),
    to: pairPlay(data, { play: "paths: 1" }),
    end: pairPlay(gone),
  },
  {
    name: "rotating the keys",
    from: pairPlay(data, { play: locked(1) }),
    to: pairPlay(data, { play: locked(2) }),
    end: pairPlay(gone),
  },
  {
    name: "adding an initiator",
    from: pairPlay(shared, { play: locked(1), initiators: "db02" }),
    to: pairPlay(shared, { play: locked(1), initiators: "db01" }),
    end: pairPlay(sharedGone, { initiators: "db01:db02" }),
  },
  {
    name: "taking an initiator away",
    from: pairPlay(shared, { play: locked(1), initiators: "db01:db02" }),
    to: pairPlay(sharedGone, { initiators: "db01" }),
    end: pairPlay(sharedGone, { initiators: "db01:db02" }),
  },
];
