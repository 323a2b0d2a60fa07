import { expect, it } from "vitest";
import { type Link, linkEachPair, linkNetworks } from "./network.ts";

const show = (links: ReadonlyMap<string, Link[]>) =>
  [...links].flatMap(([name, cards]) =>
    cards.map(
      ({ network, address, plugs }) =>
        `${name} in ${network} ${address} ${plugs.map(({ role, socket }) => `${role} ${socket}`).join(", ")}`,
    ),
  );
const macsOf = (links: ReadonlyMap<string, Link[]>) => [...links.values()].flat().map(({ mac }) => mac);

it("gives every pair of machines a network of its own", () => {
  const links = linkEachPair("/run", ["a", "b", "c"]);
  expect(show(links)).toEqual([
    "a in a-b 192.168.77.1/24 server /run/link-0",
    "a in a-c 192.168.78.1/24 server /run/link-1",
    "b in a-b 192.168.77.2/24 client /run/link-0",
    "b in b-c 192.168.79.1/24 server /run/link-2",
    "c in a-c 192.168.78.2/24 client /run/link-1",
    "c in b-c 192.168.79.2/24 client /run/link-2",
  ]);
  expect(new Set(macsOf(links)).size).toBe(6);
  expect(links.get("c")?.map(({ peers }) => peers)).toEqual([["a"], ["b"]]);
});

it("joins all machines to networks that they share", () => {
  const links = linkNetworks("/run", ["a", "b", "c"], ["front", "back"]);
  expect(show(links)).toEqual([
    "a in front 10.20.1.1/24 server /run/link-0, server /run/link-1",
    "a in back 10.20.2.1/24 server /run/link-2, server /run/link-3",
    "b in front 10.20.1.2/24 client /run/link-0",
    "b in back 10.20.2.2/24 client /run/link-2",
    "c in front 10.20.1.3/24 client /run/link-1",
    "c in back 10.20.2.3/24 client /run/link-3",
  ]);
  expect(new Set(macsOf(links)).size).toBe(6);
  expect(links.get("b")?.[0]?.peers).toEqual(["a", "c"]);
});
