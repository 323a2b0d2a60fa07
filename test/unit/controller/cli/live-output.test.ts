import { describe, expect, test } from "vitest";
import { LiveOutput } from "../../../../controller/cli/live-output.ts";

describe("live output of hosts", () => {
  test("has the host before each line", () => {
    const live = new LiveOutput({ isAll: false });
    expect(live.take({ host: "a", text: "one\ntwo\n", at: 0 })).toBe("  a | one\n  a | two\n");
    expect(live.rest()).toBe("");
  });

  test("is no more in a second than a person reads, and says what it left out", () => {
    const live = new LiveOutput({ isAll: false });
    const shown = Array.from({ length: 1000 }, (_, index) =>
      live.take({ host: `h${index}`, text: "x\ny\n", at: index / 2 }),
    );
    expect(shown.join("").split("\n").length - 1).toBe(40);
    expect(live.take({ host: "h1", text: "later", at: 1000 })).toBe(
      "  … 1960 more lines of 980 hosts (-v shows all)\n  h1 | later\n",
    );
    live.take({ host: "h1", text: "z\n".repeat(41), at: 1001 });
    expect(live.rest()).toBe("  … 2 more lines of h1 (-v shows all)\n");
  });

  test("is shown whole where that is asked for", () => {
    const live = new LiveOutput({ isAll: true });
    expect(live.take({ host: "a", text: "z\n".repeat(500), at: 0 }).split("\n").length - 1).toBe(500);
    expect(live.rest()).toBe("");
  });
});
