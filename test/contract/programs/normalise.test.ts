import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalise } from "./normalise.ts";

const normalised: readonly [line: string, result: string][] = [
  ["dm | ['[    9.576017] nvmet: adding nsid 1']", "dm | ['nvmet: adding nsid 1']"],
  ["default ns device_uuid | '1fb25b59-8224-4a53-9b44-b94051cde4d0\\n'", "default ns device_uuid | '<uuid4>\\n'"],
  ["default attr_serial | 'c0e4e93812773e17caea\\n'", "default attr_serial | '<serial>\\n'"],
  [
    "D | ENTRY {'trsvcid': '8009', 'traddr': '127.0.0.1\\x00\\x1eR\\'x', 'tsas0': 0}",
    "D | ENTRY {'trsvcid': '8009', 'traddr': '127.0.0.1', 'tsas0': 0}",
  ],
  ["wrong key | EKEYREJECTED 0.3s", "wrong key | EKEYREJECTED <seconds>"],
  ["ctrl serial | '0100ed5e00000000    \\n'", "ctrl serial | '<serial>    \\n'"],
  [
    "T| serial host/target | '1e2d3c4b5a6978695a4b\\n''5eed0001            \\n'",
    "T| serial host/target | '<serial>\\n''<serial>            \\n'",
  ],
  ["ss | 0      0      127.0.0.1:4420   127.0.0.3:40166 ", "ss | 0 0 127.0.0.1:4420 <peer>"],
  [
    "T| ss -K | (0, 'ESTAB 0      0      127.0.0.1:4420   127.0.0.2:57612 \\nESTAB 0   0   127.0.0.1:4420  127.0.0.2:57622')",
    "T| ss -K | (0, 'ESTAB 0 0 127.0.0.1:4420 <peer>')",
  ],
  [
    "dm | ['dhchap_secret=DHHC-1:00:gMMeHPUQ9Ya44cNpOSFq7Qc97pon26I+eJErQ7vXeM0juvwt: in']",
    "dm | ['dhchap_secret=<key> in']",
  ],
];

describe("what is random or a moment of time gets a name", () => {
  it.each(normalised)("%s", (line, result) => {
    expect(normalise(line)).toBe(result);
  });

  it("what a program chose stays", () => {
    const chosen =
      "device_uuid <- '11111111-2222-3333-4444-555555555555' | ok -> '11111111-2222-3333-4444-555555555555\\n'";
    expect(normalise(chosen)).toBe(chosen);
    const read = "dhchap_secret read | 'DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:\\n'";
    expect(normalise(read)).toBe(read);
    expect(normalise("address | two  spaces")).toBe("address | two  spaces");
    expect(normalise("dhchap_key <- '\\x00' | ok -> '\\n'")).toBe("dhchap_key <- '\\x00' | ok -> '\\n'");
  });
});

const recordings = fileURLToPath(new URL("../recordings", import.meta.url));
const lines = readdirSync(recordings).flatMap((name) => readFileSync(`${recordings}/${name}`, "utf8").split("\n"));

describe("twice is once", () => {
  it("for every recorded line", () => {
    for (const line of lines) expect(normalise(normalise(line))).toBe(normalise(line));
  });

  it("for whatever is made of pieces of recorded lines", () => {
    const piece = fc
      .tuple(fc.constantFrom(...lines), fc.nat(200), fc.nat(60))
      .map(([line, from, length]) => line.slice(from, from + length));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const once = normalise(pieces.join(""));
        expect(normalise(once)).toBe(once);
      }),
    );
  });
});
