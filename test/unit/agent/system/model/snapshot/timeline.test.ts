import { describe, expect, test } from "vitest";
import { Timeline } from "../../../../../../agent/system/model/snapshot/timeline.ts";
import { turns } from "../lab.ts";

const wall = Date.UTC(2026, 0, 1);

describe("a shadow's time", () => {
  test("passes at once for who waits in the foreground, and wakes sleepers on the way, in their order", async () => {
    const { foreground, background } = new Timeline(wall);
    const woken: string[] = [];
    for (const [name, millis] of [
      ["late", 3000],
      ["soon", 1000],
      ["never", 9000],
    ] as const) {
      void background.sleep(millis).then(() => woken.push(`${name} at ${background.now()}`));
    }
    await foreground.sleep(5000);
    expect(woken).toEqual(["soon at 1000", "late at 3000"]);
    expect([foreground.now(), foreground.wall()]).toEqual([5000, wall + 5000]);
    // In the real world this would outlast the test.
    await foreground.sleep(365 * 24 * 3_600_000);
  });

  test("stands still while the real world is asked", async () => {
    const timeline = new Timeline(wall);
    let answer = (_: string) => {};
    const asked = timeline.outside(
      new Promise<string>((resolve) => {
        answer = resolve;
      }),
    );
    const events: string[] = [];
    const slept = timeline.foreground.sleep(1000).then(() => events.push("slept"));
    void asked.then((text) => events.push(text));
    await turns();
    expect([events, timeline.foreground.now()]).toEqual([[], 0]);
    answer("answered");
    await slept;
    expect(events).toEqual(["answered", "slept"]);
  });

  test("passes as far as a piece of work needs, and no further", async () => {
    const { background, drive, foreground } = bound(new Timeline(wall));
    const work = async () => {
      await background.sleep(60_000);
      await background.sleep(500);
      return "done";
    };
    void background.sleep(3_600_000);
    expect(await drive(work())).toBe("done");
    expect(foreground.now()).toBe(60_500);
    await expect(drive(background.sleep(10).then(() => Promise.reject(new Error("no"))))).rejects.toThrow("no");
  });

  test("lets a sleeper that is called off go, with the reason", async () => {
    const { background, foreground } = new Timeline(wall);
    const stop = new AbortController();
    const slept = background.sleep(1000, stop.signal);
    stop.abort(new Error("called off"));
    await expect(slept).rejects.toThrow("called off");
    await expect(background.sleep(1000, stop.signal)).rejects.toThrow("called off");
    await foreground.sleep(2000);
  });
});

function bound(timeline: Timeline) {
  const { background, foreground } = timeline;
  return { background, foreground, drive: <T>(work: Promise<T>) => timeline.drive(work) };
}
