import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findOneoff, listOneoffs } from "../../../../src/oneoff/lookup/find-oneoff.ts";
import { filtersOf, listed, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const ID = "4f3e9a".repeat(11).slice(0, 64);

/** What is found among these, of which the engine gives those that it is asked for by one request. */
async function found(word: string, given: readonly ContainerSummary[], app?: string) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, given);
  const outcome = await findOneoff(transport, word, app).catch((error: Error) => error);
  const [request] = engine.requests;
  expect(request?.query.all).toBe("1");
  return { outcome, filters: request && filtersOf(request) };
}

describe("a one-off is found by", () => {
  const mine = oneoffOf("my-app");
  const ours = { id: mine.Id, name: "run.7364", app: "my-app", containerName: "my-app.run.7364", state: "up" };

  test.each(["run.7364", "7364"])("its name, however short, for which its labels are asked: %s", async (word) =>
    expect(await found(word, [mine])).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { label: ["dev.oneoff.kind=run", "dev.oneoff.name=run.7364"] },
    }),
  );

  test("its name and its app's", async () =>
    expect(await found("7364", [mine], "my-app")).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { label: ["dev.oneoff.kind=run", "dev.oneoff.name=run.7364", "dev.oneoff.app=my-app"] },
    }));

  test("its container's name, no sign of which means more to the engine than itself", async () => {
    expect(await found("my-app.run.7364", [mine])).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { name: ["^my-app\\.run\\.7364$", "^my-app\\.run\\.7364\\.left$"] },
    });
    expect((await found("a|b.*(c", [])).filters).toEqual({
      name: ["^a\\|b\\.\\*\\(c$", "^a\\|b\\.\\*\\(c\\.left$"],
    });
  });

  test.each([ID, ID.slice(0, 12)])("its container's id: %s", async (word) =>
    expect(await found(word, [{ ...mine, Id: ID }])).toEqual({
      outcome: expect.objectContaining({ ...ours, id: ID }),
      filters: { id: [word] },
    }),
  );

  // Twelve signs are what the engine shows.
  test.each([
    "4f3e9a4f3e9",
    `${ID}0`,
    "4F3E9A4F3E9A",
    "123",
    "123456789012345678901234567890123456789012345678901234567890abcde",
  ])("no id that is none: %s", async (word) =>
    expect((await found(word, [])).filters).toEqual({ name: [`^${word}$`, `^${word}\\.left$`] }),
  );
});

describe("nothing is found where", () => {
  test("there is none", async () =>
    expect((await found("7364", [])).outcome).toMatchObject({
      code: "unknown-oneoff",
      kind: "failed",
      message: 'There is no one-off "7364"',
      next: "oneoff ps --all",
    }));

  test("the app has none", async () =>
    expect((await found("7364", [], "my-app")).outcome).toMatchObject({
      message: 'There is no one-off "7364" of my-app',
    }));

  test("the container of that number was created by somebody else", async () =>
    expect((await found("7364", [{ ...oneoffOf("my-app"), Names: ["/copy"] }])).outcome).toMatchObject({
      code: "unknown-oneoff",
    }));

  test("the container of that name is another app's", async () =>
    expect((await found("my-app.run.7364", [oneoffOf("my-app")], "other")).outcome).toMatchObject({
      code: "unknown-oneoff",
      message: 'There is no one-off "my-app.run.7364" of other',
    }));

  test.each([
    ["nobody's", {}],
    ["a process of an app", { "dev.oneoff.kind": "process", "dev.oneoff.app": "my-app" }],
    ["a lock", { "dev.oneoff.kind": "lock" }],
    ["somebody's of an image that was committed from a one-off", { ...oneoffOf("my-app").Labels }],
  ])("the container of that name is %s", async (_what, labels) =>
    expect((await found("redis", [listed("redis", labels)])).outcome).toMatchObject({
      code: "not-oneoff",
      kind: "usage",
      message: 'The container "redis" is not a one-off',
      next: "oneoff ps",
    }),
  );
});

test("one-offs of one name are refused, with what picks each", async () =>
  expect((await found("7364", [oneoffOf("shop"), oneoffOf("blog")])).outcome).toMatchObject({
    code: "ambiguous-oneoff",
    kind: "usage",
    message: '"7364" is the name of several one-offs: blog.run.7364, shop.run.7364',
    next: "use one of those names",
  }));

describe("listed are", () => {
  const listing = async (...words: [app?: string, which?: "all" | "live"]) => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    engine.on("GET /containers/json", 200, [oneoffOf("shop"), oneoffOf("blog", 1000)]);
    const names = (await listOneoffs(transport, ...words)).map(({ containerName }) => containerName);
    expect(names).toEqual(["shop.run.7364", "blog.run.1000"]);
    return engine.requests.map(filtersOf);
  };

  test("all of them, but what the engine is just removing", async () =>
    expect(await listing()).toEqual([
      { label: ["dev.oneoff.kind=run"], status: ["created", "running", "paused", "restarting", "exited", "dead"] },
    ]));

  test("an app's that live", async () =>
    expect(await listing("shop", "live")).toEqual([
      {
        label: ["dev.oneoff.kind=run", "dev.oneoff.app=shop"],
        status: ["created", "running", "paused", "restarting"],
      },
    ]));
});
