import { expect, test } from "vitest";
import { isLive, signalOf, stateOf, stateOfContainer, toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { listed } from "../../../support/deployed.ts";

test.each([
  ["created", "Created", "starting", undefined],
  ["restarting", "Restarting (1) 3 seconds ago", "starting", undefined],
  ["running", "Up 2 minutes", "up", undefined],
  ["running", "Up 2 minutes (unhealthy)", "up", undefined],
  ["paused", "Up 2 minutes (Paused)", "up", undefined],
  ["exited", "Exited (0) 3 minutes ago", "complete", 0],
  ["exited", "Exited (1) 3 minutes ago", "crashed", 1],
  ["exited", "Exited (127) Less than a second ago", "crashed", 127],
  ["exited", "Exited (137) 3 minutes ago", "killed", 137],
  ["exited", "Exited (255) 3 minutes ago", "crashed", 255],
  ["dead", "Dead", "crashed", undefined],
  ["removing", "Removal In Progress", "crashed", undefined],
])("gives a container that is %s, %s, the state %s", (State, Status, state, code) => {
  expect(stateOfContainer(listed("x", {}, { State, Status }))).toEqual({ state, code });
});

test("takes only starting and up one-offs for live", () => {
  const live = (["starting", "up", "complete", "crashed", "killed"] as const).filter((state) => isLive({ state }));
  expect(live).toEqual(["starting", "up"]);
});

test.each([
  [129, "SIGHUP"],
  [130, "SIGINT"],
  [134, "SIGABRT"],
  [137, "SIGKILL"],
  [143, "SIGTERM"],
  [162, "SIG34"],
  [192, "SIG64"],
])("gives exit code %i the signal %s", (code, signal) => {
  expect(signalOf(code)).toBe(signal);
  expect(stateOf(code)).toBe("killed");
});

test.each([undefined, 0, 1, 127, 128, 193, 255])("gives exit code %s no signal", (code) => {
  expect(signalOf(code)).toBeUndefined();
});

test("reads a one-off from labels", () => {
  const labels = {
    "dev.oneoff.app": "shop/web",
    "dev.oneoff.name": "run.7364",
    "dev.oneoff.process-type": "console",
    "dev.oneoff.command": "rake TOKEN=***",
    "dev.oneoff.timeout": "600",
    "dev.oneoff.retain": "60",
    "dev.oneoff.owner": "here:1",
    "dev.oneoff.on-disconnect": "keep",
  };
  expect(toOneoff(listed("shop-web.run.7364", labels, { Command: "rake TOKEN=secret", Created: 7 }))).toEqual({
    id: "id-of-shop-web.run.7364",
    name: "run.7364",
    app: "shop/web",
    containerName: "shop-web.run.7364",
    state: "up",
    code: undefined,
    command: "rake TOKEN=***",
    processType: "console",
    created: 7,
    timeout: 600,
    retain: 60,
    owner: "here:1",
    onDisconnect: "keep",
  });
});

test("masks secrets in the command of a one-off without a command label", () => {
  expect(toOneoff(listed("x", {}, { Command: "curl -H Authorization:\\ Bearer\\ abc" })).command).not.toContain("abc");
  expect(toOneoff(listed("x", {}, { Command: "rake db:migrate" })).command).toBe("rake db:migrate");
});

test("ignores invalid numbers in labels", () => {
  const labels = { "dev.oneoff.timeout": "soon", "dev.oneoff.retain": "-1" };
  expect(toOneoff(listed("x", labels))).toMatchObject({ timeout: undefined, retain: undefined });
});
