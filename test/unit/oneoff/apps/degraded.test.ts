import { expect, test } from "vitest";
import { findShortfalls, formatShortfall } from "../../../../src/oneoff/apps/degraded.ts";
import { listed, ofDokku } from "../../../support/deployed.ts";

/** @param container the container name, if it differs from the process name. */
const process = (app: string, name: string, State: string, container = `${app}.${name}`) =>
  listed(
    container,
    {
      ...{ "dev.oneoff.app": app, "dev.oneoff.kind": "process", "dev.oneoff.name": name },
      "dev.oneoff.process-type": name.replace(/\.\d+$/, ""),
    },
    { State },
  );

test("compares running and desired processes of each type", () => {
  const down = findShortfalls([
    process("shop", "worker.1", "exited"),
    process("shop", "web.1", "running"),
    process("shop", "web.2", "restarting"),
    process("blog", "web.1", "running"),
    process("blog", "clock.1", "created"),
    ofDokku("other", "web", 1, { State: "exited" }),
  ]);
  expect(down.map((one) => `${one.app} ${formatShortfall(one)}`)).toEqual([
    "blog clock: 0 of 1 running",
    "shop web: 1 of 2 running",
    "shop worker: 0 of 1 running",
  ]);
});

test("ignores candidates and old processes of a rollout", () => {
  const others = ["shop.web.1.new", "shop.web.1.old"].map((name) => process("shop", "web.1", "exited", name));
  expect(findShortfalls([...others, process("shop", "web.1", "running")])).toEqual([]);
});
