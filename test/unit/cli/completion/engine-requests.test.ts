import { expect, test } from "vitest";
import { cli } from "../../../../src/cli/program.ts";
import { alwaysLists, ofCompose, ofOneoff, oneoffOf } from "../../../support/deployed.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { folder } from "../../../support/folder.ts";

const MANIFEST = "apps:\n  shop: {image: shop:1, procfile: {console: irb}}\n  other: {image: other:1}\n";
const COMPOSE = "name: stack\nservices:\n  db: {image: db:1}\n";

/** The requests for what follows the words. */
async function requestsFor(...words: string[]) {
  await using place = await folder({ "oneoff.yaml": MANIFEST, "compose.yaml": COMPOSE });
  const engine = await fakeEngine();
  alwaysLists(engine, [ofOneoff("shop", "web"), ofCompose("stack", "app"), oneoffOf("shop")]);
  engine.always("GET /images/json", 200, []);
  const terminal = fakeTerminal();
  const context = fakeContext({ cwd: place.path, engine, terminal, env: { ONEOFF_COMPLETION_TIMEOUT: "10s" } });
  expect(await cli(["__complete", "zsh", ...words, ""], context)).toBe(0);
  const suggested = terminal.out.split("\n").slice(1, -1);
  const lists = engine.requests.filter(({ path }) => path === "/containers/json");
  const filters = lists.map(({ query }) => query.filters);
  return { suggested, filters, requests: engine.requests.map(({ method, path }) => `${method} ${path}`).sort() };
}

const [CONTAINERS, IMAGES, SERVICES] = ["GET /containers/json", "GET /images/json", "GET /services"];

test.each<[words: string, requests: string[], suggested: string[]]>([
  ["run", [CONTAINERS, IMAGES, SERVICES], ["other", "shop", "stack/app", "stack/db"]],
  ["deploy", [CONTAINERS, IMAGES, SERVICES], ["other", "shop", "stack/app", "stack/db"]],
  [
    "exec",
    [CONTAINERS, SERVICES],
    ["run.7364", "other", "shop", "stack/app", "stack/db", "shop.web", "web.1", "app.1"],
  ],
  [
    "logs",
    [CONTAINERS, SERVICES],
    ["run.7364", "other", "shop", "stack/app", "stack/db", "shop.web", "web.1", "app.1"],
  ],
  ["stop", [CONTAINERS, SERVICES], ["run.7364", "other", "shop", "stack/app", "stack/db", "web.1", "app.1"]],
  ["attach", [CONTAINERS, CONTAINERS, SERVICES], ["run.7364", "shop", "web.1", "app.1"]],
  ["wait", [CONTAINERS, SERVICES], ["run.7364"]],
  ["logs shop", [CONTAINERS], ["web"]],
  ["rollback shop", [IMAGES], []],
  ["run shop", [], ["console"]],
  ["scale shop", [], ["console="]],
])("requests each list once for %s", async (words, requests, suggested) => {
  const found = await requestsFor(...words.split(" "));
  expect(found.requests).toEqual(requests);
  expect(found.suggested.map((line) => line.split("\t")[0])).toEqual(expect.arrayContaining(suggested));
});

test.each([
  ["exec", true],
  ["stop", true],
  ["logs", false],
  ["run", false],
])("limits the containers for %s to live ones: %s", async (word, isLimited) => {
  const { filters } = await requestsFor(word);
  expect(filters).toEqual([isLimited ? '{"status":["created","running","paused","restarting"]}' : "{}"]);
});
