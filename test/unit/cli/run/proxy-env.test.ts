import { expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { withProxies } from "../../../../src/cli/run/proxy-env.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeContext } from "../../../support/fake-context.ts";

const app: App = {
  ...{ name: "my-app", from: "--image", image: "img", procfile: new Map(), settings: {} },
  env: new Map([["HTTP_PROXY", "app's"]]),
};
const config = { proxies: { default: { httpProxy: "h", httpsProxy: "s", noProxy: "n" } } };

function found(text: string, options: Parameters<typeof withProxies>[3], ofCopy?: string[]) {
  const events: Event[] = [];
  const world = {
    ...fakeContext(),
    env: { DOCKER_CONFIG: "/docker" },
    readFile: () => Buffer.from(text),
  };
  const copy = ofCopy && { env: ofCopy };
  const engine = { endpoint: { socketPath: "/docker.sock", from: "default" } } as const;
  const { env } = withProxies({ engine, report: (event) => events.push(event) }, world, { app, copy }, options);
  return { env: Object.fromEntries(env), events };
}

test("sets the proxies of docker's configuration, unless the app or options set them", () => {
  const options = { env: new Map([["no_proxy", "mine"]]), unset: [] };
  expect(found(JSON.stringify(config), options)).toEqual({
    env: { HTTP_PROXY: "app's", HTTPS_PROXY: "s", https_proxy: "s" },
    events: [],
  });
  expect(found(JSON.stringify(config), { env: new Map(), unset: ["HTTPS_PROXY", "no_proxy"] }).env).toEqual({
    HTTP_PROXY: "app's",
  });
});

test("sets no proxy that the copied container unsets", () =>
  expect(found(JSON.stringify(config), { env: new Map() }, ["A=1", "HTTPS_PROXY"]).env).toEqual({
    ...{ HTTP_PROXY: "app's", NO_PROXY: "n", no_proxy: "n" },
  }));

test("warns about an invalid configuration, and sets no proxies", () =>
  expect(found("{", { env: new Map() })).toEqual({
    env: { HTTP_PROXY: "app's" },
    events: [expect.objectContaining({ type: "warning" })],
  }));
