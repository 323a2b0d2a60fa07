import { describe, expect, it } from "vitest";
import { compare, linesOf, programLines } from "./recording.ts";

const text = (console: string) => programLines(console).map((line) => line.text);

describe("the lines of a recording", () => {
  it("are those of the program, without the console's others", () => {
    expect(text("KERNEL 6.12\nT| a | 1\r\n[   13.729479] nvmet: adding nsid 1\nT| b | 2\nVMDONE\n")).toEqual([
      "T| a | 1",
      "T| b | 2",
    ]);
  });

  it("are whole again where messages of the kernel tore them", () => {
    const console = [
      "T| treq <- 'not [   11.445413] nvmet: Invalid value 'x' for treq",
      "[   11.471182] nvmet: Invalid value 'a' for traddr",
      "required\\n' | ok",
      "T| link host | EINVAL[   11.580507] nvmet: can only link subsystems into the subsystems dir.!",
      "",
      "VMDONE",
    ];
    expect(text(console.join("\n"))).toEqual(["T| treq <- 'not required\\n' | ok", "T| link host | EINVAL"]);
  });

  it("keep the messages that the program printed itself", () => {
    const line = `T| dm | ['[   12.084032] nvme nvme0: new ctrl', "[   12.396450] nvme nvme0: it's gone"]`;
    expect(text(line)).toEqual([line]);
  });

  it("are counted where one says the same words again", () => {
    expect(linesOf("T| D | a | b\nT| D | c\n")).toEqual([
      { label: "D", result: "a | b" },
      { label: "D #2", result: "c" },
    ]);
  });
});

describe("two outputs", () => {
  it("differ in what one lacks, and in what they say", () => {
    expect(compare(linesOf("T| a | 1\nT| b | 2"), linesOf("T| a | 3\nT| c | 4"))).toEqual([
      { label: "a", recorded: "1", given: "3" },
      { label: "b", recorded: "2", given: undefined },
      { label: "c", recorded: undefined, given: "4" },
    ]);
  });

  it("are alike where what is left of a torn line says the same", () => {
    const torn =
      "T| model <- 'x' | ok\nT| enabled port:[   11.540631] nvmet: Cannot modify\nT| inline | EI[   11.6] nvmet: C";
    const given = linesOf("T| model <- 'x' | ok\nT| enabled port: write | EACCES\nT| inline | EINVAL");
    expect(compare(linesOf(torn.replace("11.6]", "11.600000]")), given)).toEqual([]);
    expect(compare(linesOf("T| inline | EI[   11.600000] n"), linesOf("T| inline | ok"))).toHaveLength(1);
  });
});
