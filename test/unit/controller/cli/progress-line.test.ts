import { beforeEach, describe, expect, test } from "vitest";
import { elapsed, ProgressLine } from "../../../../controller/cli/progress-line.ts";
import type { RunEvent, TaskResult } from "../../../../controller/run/entry.ts";
import { RunId } from "../../../../shared/protocol/ids.ts";
import { ManualClock } from "../../agent/system/model/lab.ts";

const envelope = { v: 1 as const, run: RunId.parse("r"), at: 0 };
const task = (name: string, ...hosts: string[]): RunEvent => ({
  ...envelope,
  ...{ is: "task", play: 0, batch: 0, task: 0, place: "0", name, module: "command", hosts },
});
const results = (...all: Partial<TaskResult>[]): RunEvent => ({
  ...envelope,
  ...{ is: "results", task: 0, results: all.map((each) => ({ host: "?", outcome: "ok", result: {}, ...each })) },
});

describe("the line at the foot of a terminal", () => {
  let clock: ManualClock;
  let line: ProgressLine;
  /** What stands on the terminal's last line, and how often it was drawn. */
  let screen: string;
  let drawn: number;

  beforeEach(() => {
    clock = new ManualClock();
    screen = "";
    drawn = 0;
    const write = (text: string) => {
      expect(text.startsWith("\r\u001b[2K")).toBe(true);
      screen = text.slice(5);
      expect(screen).not.toMatch(/[\r\n]/);
      if (screen !== "") drawn++;
    };
    line = new ProgressLine({ clock, write, columns: () => 60 });
  });

  /** As `show` does it: the line goes, what is to be said is said, the line hears of it. */
  const tell = (event: RunEvent) => {
    line.clear();
    expect(screen).toBe("");
    line.take(event);
  };

  test("comes after two seconds of a task, and says what is done and who is not", async () => {
    tell(task("copy", "a", "b", "c", "d", "e"));
    await clock.advance(1999);
    expect(screen).toBe("");
    await clock.advance(1);
    expect(screen).toBe("0:02 [copy] 0/5 hosts done");
    tell(results({ host: "a" }, { host: "c", outcome: "failed" }));
    await clock.advance(200);
    expect(screen).toBe("0:02 [copy] 2/5 hosts done, 1 failed, running: b, d, e");
    await clock.advance(60_000);
    expect(screen).toBe("1:02 [copy] 2/5 hosts done, 1 failed, running: b, d, e");
  });

  test("is not there where tasks are quick, nor a timer where none runs", async () => {
    for (let number = 0; number < 10; number++) {
      tell(task(String(number), "a"));
      await clock.advance(500);
      tell(results({ host: "a" }));
      expect(clock.sleeping).toBe(0);
      await clock.advance(5000);
    }
    expect(drawn).toBe(0);
    tell(task("last", "a", "b"));
    tell({ ...envelope, is: "finished", outcome: "cancelled", recap: {} });
    expect(clock.sleeping).toBe(0);
  });

  test("goes when all hosts are done, and while somebody is asked", async () => {
    tell(task("copy", "a", "b"));
    await clock.advance(3000);
    tell(results({ host: "a" }, { host: "b" }));
    await clock.advance(3000);
    expect(screen).toBe("");
    tell(task("next", "a", "b"));
    await clock.advance(3000);
    tell({ ...envelope, is: "asks", question: "q", text: "Perform task? " });
    await clock.advance(3000);
    expect([screen, clock.sleeping]).toEqual(["", 0]);
  });

  test("is drawn five times a second at most, however much happens, and each second where nothing does", async () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `h${index}`);
    tell(task("all", ...hosts));
    await clock.advance(2000);
    drawn = 0;
    for (const host of hosts.slice(0, 1000)) {
      tell(results({ host }));
      await clock.advance(1);
    }
    expect(drawn).toBeLessThanOrEqual(6);
    await clock.advance(200);
    expect(screen).toBe("0:03 [all] 1000/10000 hosts done");
    drawn = 0;
    await clock.advance(10_000);
    expect(drawn).toBe(10);
  });

  test("counts neither items nor what is ignored, and does not know how many hosts go on as they can", async () => {
    tell(task("loop", "a"));
    tell(results({ host: "a", item: "1" }, { host: "b", outcome: "failed", ignored: true }));
    await clock.advance(2000);
    expect(screen).toBe("0:02 [loop] 1 hosts done");
  });

  test("is no longer than the terminal's", async () => {
    tell(task("a".repeat(100), "h"));
    await clock.advance(2000);
    expect(screen).toHaveLength(59);
  });
});

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [754_000, "12:34"],
  [3_723_000, "1:02:03"],
  [-5, "0:00"],
])("%d ms is %s", (millis, text) => {
  expect(elapsed(millis)).toBe(text);
});
