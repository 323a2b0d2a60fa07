import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FstabEntry, withEntry, withoutEntry } from "../../../../../agent/actions/storage/fstab.ts";
import { fstabOptions, isBind, mountOptions } from "../../../../../agent/actions/storage/mount-options.ts";

const entry: FstabEntry = {
  src: "UUID=1",
  path: "/data",
  fstype: "ext4",
  opts: "noatime",
  dump: "0",
  passno: "2",
};
const line = "UUID=1 /data ext4 noatime 0 2\n";

describe("an entry of fstab", () => {
  test.each([
    ["is the first", "", line],
    ["comes last", "# root\nUUID=0 / ext4 defaults 0 1\n", `# root\nUUID=0 / ext4 defaults 0 1\n${line}`],
    ["ends a last line that has no end", "proc /proc proc defaults", `proc /proc proc defaults\n${line}`],
    ["replaces one for the same path", "/dev/sdb /data xfs defaults 0 0\nx /y ext4 ro\n", `${line}x /y ext4 ro\n`],
    ["replaces one of a path with a slash at its end", "/dev/sdb /data/ xfs defaults 0 0\n", line],
    ["stays as it is written", "UUID=1\t/data\text4   noatime 0 2 \n", "UUID=1\t/data\text4   noatime 0 2 \n"],
    ["is not found in a comment", "#UUID=1 /data ext4 noatime 0 2\n", `#UUID=1 /data ext4 noatime 0 2\n${line}`],
    ["is not found in what is no entry", "/data\n", `/data\n${line}`],
  ])("%s", (_, before, after) => {
    expect(withEntry(before, entry)).toBe(after);
  });

  test("that leaves out its last two fields has zeros there", () => {
    const plain = { ...entry, passno: "0" };
    expect(withEntry("UUID=1 /data ext4 noatime\n", plain)).toBe("UUID=1 /data ext4 noatime\n");
  });

  test("with a space in its path is escaped, and found again", () => {
    const spaced = { ...entry, path: "/my data" };
    const text = withEntry("", spaced);
    expect(text).toBe("UUID=1 /my\\040data ext4 noatime 0 2\n");
    expect(withEntry(text, spaced)).toBe(text);
    expect(withoutEntry(text, { path: "/my data" })).toBe("");
  });

  test("of swap is told by what it is", () => {
    const one: FstabEntry = { src: "UUID=1", path: "none", fstype: "swap", opts: "sw", dump: "0", passno: "0" };
    const text = withEntry("UUID=2 none swap sw 0 0\n", one);
    expect(text).toBe("UUID=2 none swap sw 0 0\nUUID=1 none swap sw 0 0\n");
    expect(withoutEntry(text, { path: "none", src: "UUID=2" })).toBe("UUID=1 none swap sw 0 0\n");
  });

  test("goes, and all other lines stay byte for byte", () => {
    const others = "# a\r\n\n  \tx /y ext4 ro\nlast";
    expect(withoutEntry(`${line}${others}`, { path: "/data" })).toBe(others);
  });

  test("is there once and the rest is as before, whatever was there; a second time changes nothing", () => {
    const word = fc.stringMatching(/^[\w/=.-]{1,8}$/);
    const lines = fc.array(
      fc.oneof(
        fc.constant(""),
        fc.constant("# comment"),
        fc.tuple(word, word, word, word).map((words) => words.join(" ")),
      ),
    );
    fc.assert(
      fc.property(lines, fc.boolean(), (given, ends) => {
        const text = given.join("\n") + (ends && given.length > 0 ? "\n" : "");
        const edited = withEntry(text, entry);
        expect(withEntry(edited, entry)).toBe(edited);
        const rest = (whole: string) => withoutEntry(whole, entry).replace(/\n$/, "");
        expect(rest(edited)).toBe(rest(text));
      }),
    );
  });
});

describe("options of fstab", () => {
  test.each([
    ["defaults", undefined, true, false, "defaults"],
    [
      "a remote device waits for the network, and a boot does not wait for it",
      undefined,
      true,
      true,
      "defaults,_netdev,nofail",
    ],
    ["a remote device beside others", "noatime", true, true, "noatime,_netdev,nofail"],
    ["who names _netdev decides about the boot", "defaults,_netdev", true, true, "defaults,_netdev"],
    ["who names nofail too", "nofail", true, true, "nofail"],
    ["not at boot", "defaults", false, false, "defaults,noauto"],
    ["not at boot, and remote: nothing to fail", "defaults", false, true, "defaults,noauto,_netdev"],
    ["not at boot, as it says itself", "noauto", false, false, "noauto"],
  ] as const)("%s", (_, opts, boot, remote, expected) => {
    expect(fstabOptions(opts, { boot, remote })).toBe(expected);
  });

  test("mount is asked to complain of a missing device; quoted commas stay together", () => {
    expect(mountOptions("defaults,_netdev,nofail")).toBe("defaults,_netdev");
    expect(mountOptions("nofail")).toBe("defaults");
    expect(mountOptions('context="a,nofail",ro')).toBe('context="a,nofail",ro');
    expect([isBind("ro,bind"), isBind("rbind"), isBind("defaults")]).toEqual([true, true, false]);
  });
});
