import { expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { withPort } from "../../../../src/cli/run/process-port.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const released: App = {
  ...{ name: "a", from: "release", image: "oneoff/a:latest", env: new Map(), settings: {} },
  procfile: new Map([["web", "puma"]]),
};

async function port(over: Partial<App>, word: string | undefined, answer?: [status: number, body: object]) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  if (answer) engine.on("GET /images/oneoff/a:latest/json", ...answer);
  return (await withPort(transport, { ...released, ...over }, word)).env.get("PORT");
}

const image = (Env: string[]): [number, object] => [200, { Id: "sha256:a", Config: { Env } }];

test.each<
  [what: string, over: Partial<App>, word: string | undefined, answer: [number, object] | undefined, port?: string]
>([
  ["the default for a process type of a release", {}, "web", image(["A=1"]), "5000"],
  ["nothing if the image sets it", {}, "web", image(["PORT=8080"])],
  ["the value of the app", { env: new Map([["PORT", "80"]]) }, "web", undefined, "80"],
  ["nothing for another command", {}, "rake", undefined],
  ["nothing for a shell", {}, undefined, undefined],
  ["nothing for an image that is not a release", { image: "app:1" }, "web", undefined],
  ["nothing if the image does not exist", {}, "web", [404, { message: "No such image" }]],
])("sets PORT to %s", async (_what, over, word, answer, expected) =>
  expect(await port(over, word, answer)).toBe(expected),
);
