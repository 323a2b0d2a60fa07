import { describe, expect, test } from "vitest";
import { kernelLike, kernelOf, kernelVersions } from "../../../../../../agent/system/model/versions.ts";

const nothing = { does: {}, built: {} };

describe("the kernel of a shadow", () => {
  test.each([
    ["6.18.44-custom", "6.17"],
    ["6.9.3", "6.8"],
    ["6.12.107+deb13-amd64", "6.12"],
    ["5.3.18", "5.0"],
    ["4.19.0", "5.0"],
    ["9.1", "7.2"],
  ])("of release %s is most like %s, under its own name", (release, name) => {
    const kernel = kernelLike(release, nothing);
    expect([kernel.name, kernel.release]).toEqual([name, release]);
    expect(kernel.does).toEqual(kernelOf(name).does);
  });

  test.each(kernelVersions)("of the recorded %s is that one", (version) => {
    expect(kernelLike(kernelOf(version).release, nothing)).toEqual(kernelOf(version));
  });

  test("does what was seen of it, whatever its release says", () => {
    const kernel = kernelLike("6.1.0", {
      does: { maxQueueSize: true, qidMax: false },
      built: { auth: true, loop: false },
    });
    expect(kernel.does).toMatchObject({ maxQueueSize: true, qidMax: false, frozenByIdentify: true });
    expect([kernel.built.has("auth"), kernel.built.has("loop")]).toEqual([true, false]);
  });
});
