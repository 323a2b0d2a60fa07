import { expect, it } from "vitest";
import { newestKernel } from "./kernel.ts";

const archive = [
  "linux-image-amd64",
  "linux-image-6.12-amd64",
  "linux-image-6.1.0-9-amd64",
  "linux-image-6.1.0-56-amd64",
  "linux-image-6.1.0-56-amd64-unsigned",
  "linux-image-6.1.0-57-amd64-dbg",
  "linux-image-6.1.0-58-rt-amd64",
  "linux-image-6.12.9+deb12-amd64",
  "linux-image-6.12.115+deb12-amd64",
  "linux-image-6.12.117+deb12-amd64-unsigned",
  "linux-image-6.12.118+deb12-cloud-amd64-unsigned",
];

it.each([
  ["takes the newest, by number", "6.12", "linux-image-6.12.117+deb12-amd64-unsigned", "6.12.117+deb12-amd64"],
  ["prefers a signed package", "6.1", "linux-image-6.1.0-56-amd64", "6.1.0-56-amd64"],
])("%s", (_sentence, series, name, version) => {
  expect(newestKernel(archive, series)).toEqual({ package: name, version });
  expect(newestKernel([...archive].reverse(), series)).toEqual({ package: name, version });
});

it("finds none of a series that is not there", () => {
  expect(newestKernel(archive, "6.13")).toBeUndefined();
});
