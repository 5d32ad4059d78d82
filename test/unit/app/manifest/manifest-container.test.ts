import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const containerOf = (run: string) =>
  parseManifest(Buffer.from(`app: shop\nimage: shop\nrun: ${run}\n`), "/srv/oneoff.yaml", {}).apps.get("shop")?.run
    ?.container;

describe("run", () => {
  test("has docker's options, as values and as lists", () =>
    expect(
      containerOf(
        "{cap-add: net_admin, cap-drop: [MKNOD, ALL], ulimit: 'core=0', group-add: [1000], shm-size: 1m, read-only: true}",
      ),
    ).toEqual({
      ...{ "cap-add": ["CAP_NET_ADMIN"], "cap-drop": ["CAP_MKNOD", "ALL"], "group-add": ["1000"] },
      ...{ "shm-size": 2 ** 20, "read-only": true, ulimit: [{ Name: "core", Soft: 0, Hard: 0 }] },
    }));

  test("has a seccomp profile relative to the file", () =>
    expect(containerOf("{security-opt: [seccomp=./deny.json, label=disable]}")?.["security-opt"]).toEqual([
      "seccomp=/srv/deny.json",
      "label=disable",
    ]));

  test.each(["seccomp=unconfined", "seccomp=builtin"])("keeps the option %s", (option) =>
    expect(containerOf(`{security-opt: ["${option}"]}`)?.["security-opt"]).toEqual([option]),
  );

  test("has no container settings without any", () => expect(containerOf("{memory: 1g}")).toBeUndefined());

  test.each([
    ["{dns: example.com}", '"dns": expected an IP address such as 10.0.0.53'],
    ["{ulimit: [core]}", '"ulimit": expected a known NAME=SOFT[:HARD]'],
    ["{privileged: 1}", '"privileged": expected true or false'],
    ["{cap-add: [A, a]}", "twice"],
    ["{publish: 80}", 'unknown key "publish"'],
  ])("rejects %s", (run, problem) => expect(() => containerOf(run)).toThrow(problem));
});
