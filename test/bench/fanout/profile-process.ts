import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";

/** Loaded before a program: SIGUSR2 begins a CPU profile, and again SIGUSR2 writes it to $FLASHFLEET_BENCH_PROFILE. */
const session = new Session();
session.connect();
let running = false;
process.on("SIGUSR2", () => {
  running = !running;
  if (running) {
    session.post("Profiler.enable");
    session.post("Profiler.start");
    return;
  }
  session.post("Profiler.stop", (_, stopped) => {
    const path = `${process.env.FLASHFLEET_BENCH_PROFILE}/${process.pid}.cpuprofile`;
    writeFileSync(path, JSON.stringify(stopped?.profile));
  });
});
