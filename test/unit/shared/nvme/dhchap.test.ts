import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dhchapKeyFault, dhchapKeyProblem, formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";

const key = formatDhchapKey(new Uint8Array(32).fill(7));

describe("a DH-HMAC-CHAP key", () => {
  it.each([
    ["another prefix", "DHHC-2:00:AAAA:", { is: "form" }],
    ["an unknown hash", key.replace("DHHC-1:00", "DHHC-1:04"), { is: "form" }],
    ["no end", key.slice(0, -1), { is: "form" }],
    ["a character that base64 has not", "DHHC-1:00:!AAA:", { is: "encoding" }],
    ["too few bytes", "DHHC-1:00:AAAAAAAA:", { is: "length", length: 2 }],
    ["another checksum", key.replace("Bw", "Bx"), { is: "checksum" }],
  ])("has a fault: %s", (_, text, fault) => {
    expect(dhchapKeyFault(text)).toEqual(fault);
    expect(dhchapKeyProblem(text)).toEqual(expect.any(String));
  });

  it("has none when it was made here, of any length that there is", () => {
    const bytes = fc
      .constantFrom(32, 48, 64)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
    fc.assert(
      fc.property(bytes, (each) => {
        const text = formatDhchapKey(each);
        return dhchapKeyFault(text) === undefined && dhchapKeyProblem(text) === undefined;
      }),
    );
  });
});
