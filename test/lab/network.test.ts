import { expect, it } from "vitest";
import { linkEachPair } from "./network.ts";

it("gives every pair of machines a network of its own", () => {
  const links = linkEachPair("/run", ["a", "b", "c"]);
  const shown = [...links].flatMap(([name, ends]) =>
    ends.map((end) => `${name}-${end.peer} ${end.role} ${end.address} ${end.socket}`),
  );
  expect(shown).toEqual([
    "a-b server 192.168.77.1/24 /run/link-0",
    "a-c server 192.168.78.1/24 /run/link-1",
    "b-a client 192.168.77.2/24 /run/link-0",
    "b-c server 192.168.79.1/24 /run/link-2",
    "c-a client 192.168.78.2/24 /run/link-1",
    "c-b client 192.168.79.2/24 /run/link-2",
  ]);
  const macs = [...links.values()].flat().map(({ mac }) => mac);
  expect(new Set(macs).size).toBe(macs.length);
});
