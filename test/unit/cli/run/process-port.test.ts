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
  ["the default, of a release's process type", {}, "web", image(["A=1"]), "5000"],
  ["left to the image that sets it", {}, "web", image(["PORT=8080"])],
  ["the app's own", { env: new Map([["PORT", "80"]]) }, "web", undefined, "80"],
  ["unset for another command", {}, "rake", undefined],
  ["unset for a shell", {}, undefined, undefined],
  ["unset for an image that was not deployed", { image: "app:1" }, "web", undefined],
  ["unset where there is no image", {}, "web", [404, { message: "No such image" }]],
])("PORT is %s", async (_what, over, word, answer, expected) => expect(await port(over, word, answer)).toBe(expected));
