import { expect, test } from "vitest";
import { waitForHealth } from "../../../../src/deploy/rollout/health.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerDetails } from "../../../../src/engine/types.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { details } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

type State = Partial<ContainerDetails["State"]>;

/** What is said of a process that has ended. @param after what is known of it then; nothing where it is not looked at. */
async function ending(
  told: number,
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
  const looked = Promise.withResolvers<void>();
  const waiting = waitForHealth(
    { engine: transport, report: () => {}, signal: new AbortController().signal },
    {
      ...{ id: "c", app: "a", name: "web.1", port: 5000, exit: exit.promise },
      ...{ type: of.type, failedImage: of.failedImage },
    },
    () => {
      looked.resolve();
      return { by: "uptime", seconds: 60 };
    },
  ).catch((error: OneoffError) => error);
  await looked.promise;
  if (after) inspect(after.state, after.restarts);
  if (of.type === undefined)
    engine.on("GET /containers/c/json", 200, details({ Cmd: ["./serve", "--token=hunter2", "a b"] }));
  engine.on("GET /containers/c/logs", 404, { message: "No such container" });
  exit.resolve({ StatusCode: told });
  return (await waiting) as OneoffError;
}

const ended = (code: string) => `web.1 of a has ended${code} before it was well; it has written nothing`;

test("what has ended has its own code", async () => {
  expect((await ending(3)).message).toBe(ended(" with code 3"));
  expect((await ending(0, { state: { Status: "exited", ExitCode: 0 }, restarts: 0 })).message).toBe(
    ended(" with code 0"),
  );
});

test("the code of what was started again at once may be known yet, or not", async () => {
  expect((await ending(0, { state: { Status: "restarting", ExitCode: 7 }, restarts: 1 })).message).toBe(
    ended(" with code 7"),
  );
  expect((await ending(0, { state: { ExitCode: 0 }, restarts: 1 })).message).toBe(ended(""));
});

test.each([
  [{ type: "web" }, "oneoff run a web"],
  [{ type: "web", failedImage: "oneoff/a:failed" }, "oneoff run --image oneoff/a:failed a web"],
  [{ failedImage: "oneoff/a:v1" }, "oneoff run --image oneoff/a:v1 a ./serve '--token=***' 'a b'"],
])("the hint repeats what has failed: %o", async (of, next) =>
  expect((await ending(3, undefined, of)).next).toBe(next),
);

test("an engine that does not carry out a HEALTHCHECK by itself is told to, until it knows", async () => {
  const engine = await fakeEngine({ server: "Libpod/5.8.6 (linux)" });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const inspect = (Status: string) =>
    engine.on("GET /containers/c/json", 200, {
      ...details({ Healthcheck: { Interval: 1e6 } }),
      State: { Running: true, Status: "running", Health: { Status, Log: [{ Output: "says 1" }] } },
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
  await expect(waiting).rejects.toThrow("web.1 of a is not well: the image's HEALTHCHECK fails: says 1");
  const asked = engine.lines.filter((line) => !line.includes("/logs"));
  const [inspecting, checking] = ["GET /containers/c/json", "GET /libpod/containers/c/healthcheck"];
  expect(asked).toEqual([inspecting, checking, inspecting, checking, inspecting]);
});
