import { expect, test } from "vitest";
import { waitForHealth } from "../../../../src/deploy/rollout/health.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerDetails } from "../../../../src/engine/types.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

type State = Partial<ContainerDetails["State"]>;

/** The error for a process that exited. @param after its state when it is inspected again. */
async function errorOfExit(
  statusCode: number,
  after?: { readonly state: State; readonly restarts: number },
  of: { readonly type?: string; readonly failedImage?: string } = { type: "web" },
) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const exit = Promise.withResolvers<{ StatusCode: number }>();
  const inspect = (state: State, RestartCount: number) =>
    engine.on("GET /containers/c/json", 200, {
      ...details({}, {}, { RestartCount }),
      State: { Running: true, Status: "running", ...state },
    });
  inspect({}, 0);
  const isInspected = Promise.withResolvers<void>();
  const waiting = waitForHealth(
    { engine: transport, report: () => {}, signal: new AbortController().signal },
    {
      ...{ id: "c", app: "a", name: "web.1", port: 5000, exit: exit.promise },
      ...{ type: of.type, failedImage: of.failedImage },
    },
    () => {
      isInspected.resolve();
      return { by: "uptime", seconds: 60 };
    },
  ).catch((error: OneoffError) => error);
  await isInspected.promise;
  if (after) inspect(after.state, after.restarts);
  if (of.type === undefined)
    engine.on("GET /containers/c/json", 200, details({ Cmd: ["./serve", "--token=hunter2", "a b"] }));
  engine.on("GET /containers/c/logs", 404, { message: "No such container" });
  exit.resolve({ StatusCode: statusCode });
  return (await waiting) as OneoffError;
}

const exited = (code: string) => `web.1 of a exited${code} before it became healthy; no output`;

test("reports the exit code of a process that exited", async () => {
  expect((await errorOfExit(3)).message).toBe(exited(" with code 3"));
  expect((await errorOfExit(0, { state: { Status: "exited", ExitCode: 0 }, restarts: 0 })).message).toBe(
    exited(" with code 0"),
  );
});

test("reports the exit code of a restarted process if the engine knows it", async () => {
  expect((await errorOfExit(0, { state: { Status: "restarting", ExitCode: 7 }, restarts: 1 })).message).toBe(
    exited(" with code 7"),
  );
  expect((await errorOfExit(0, { state: { ExitCode: 0 }, restarts: 1 })).message).toBe(exited(""));
});

test.each([
  [{ type: "web" }, "oneoff run a web"],
  [{ type: "web", failedImage: "oneoff/a:failed" }, "oneoff run --image oneoff/a:failed a web"],
  [{ failedImage: "oneoff/a:v1" }, "oneoff run --image oneoff/a:v1 a ./serve '--token=***' 'a b'"],
])("suggests a one-off with the same command: %o", async (of, next) =>
  expect((await errorOfExit(3, undefined, of)).next).toBe(next),
);

test("reports each further failure of the image's HEALTHCHECK, without secrets", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const inspect = (FailingStreak: number, Status = "starting") =>
    engine.on("GET /containers/c/json", 200, {
      ...details({ Healthcheck: { Retries: 2 }, Env: ["API_KEY=s3cr3t"] }),
      State: {
        Status: "running",
        Health: { Status, FailingStreak, Log: [{ Output: `key\ns3cr3t ${FailingStreak}\n` }] },
      },
    });
  for (const streak of [0, 0, 1, 1]) inspect(streak);
  inspect(2, "unhealthy");
  engine.on("GET /containers/c/logs", 404, { message: "No such container" });
  const events: Event[] = [];
  const exit = new Promise<never>(() => {});
  const waiting = waitForHealth(
    { engine: transport, report: (event) => void events.push(event), signal: new AbortController().signal },
    { id: "c", app: "a", name: "web.1", port: 5000, exit, type: "web", failedImage: undefined },
    () => ({ by: "image" }),
  );
  await expect(waiting).rejects.toThrow("the image's HEALTHCHECK failed: key\\n*** 2");
  const check = "HEALTHCHECK of the image";
  expect(events).toMatchObject([
    { state: "waiting", check },
    { state: "unhealthy", check, summary: "*** 1", attempt: 1, maxAttempts: 2 },
    { state: "unhealthy", check, summary: "*** 2", attempt: 2, maxAttempts: 2 },
  ]);
});

test("runs the HEALTHCHECK on engines that do not run it automatically", async () => {
  const engine = await fakeEngine({ server: "Libpod/5.8.6 (linux)" });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const inspect = (Status: string) =>
    engine.on("GET /containers/c/json", 200, {
      ...details({ Healthcheck: { Interval: 1e6 } }),
      State: { Running: true, Status: "running", Health: { Status, Log: [{ Output: "status 1" }] } },
    });
  for (const status of ["starting", "starting", "unhealthy"]) inspect(status);
  for (let n = 0; n < 2; n += 1) engine.on("GET /libpod/containers/c/healthcheck", 200, {});
  engine.on("GET /containers/c/logs", 404, { message: "No such container" });
  const exit = new Promise<never>(() => {});
  const waiting = waitForHealth(
    { engine: transport, report: () => {}, signal: new AbortController().signal },
    { id: "c", app: "a", name: "web.1", port: 5000, exit, type: "web", failedImage: undefined },
    () => ({ by: "image" }),
  );
  await expect(waiting).rejects.toThrow("web.1 of a is unhealthy: the image's HEALTHCHECK failed: status 1");
  const requests = engine.lines.filter((line) => !line.includes("/logs"));
  const [inspecting, checking] = ["GET /containers/c/json", "GET /libpod/containers/c/healthcheck"];
  expect(requests).toEqual([inspecting, checking, inspecting, checking, inspecting]);
});
