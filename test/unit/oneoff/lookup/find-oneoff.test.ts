import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findOneoff, listOneoffs } from "../../../../src/oneoff/lookup/find-oneoff.ts";
import { filtersOf, listed, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const ID = "4f3e9a".repeat(11).slice(0, 64);

/** Finds among containers; the engine responds to one request. */
async function find(word: string, containers: readonly ContainerSummary[], app?: string) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, containers);
  const outcome = await findOneoff(transport, word, app).catch((error: Error) => error);
  const [request] = engine.requests;
  expect(request?.query.all).toBe("1");
  return { outcome, filters: request && filtersOf(request) };
}

describe("finding a one-off", () => {
  const mine = oneoffOf("my-app");
  const ours = { id: mine.Id, name: "run.7364", app: "my-app", containerName: "my-app.run.7364", state: "up" };

  test.each(["run.7364", "7364"])("finds a one-off by its name through its labels: %s", async (word) =>
    expect(await find(word, [mine])).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { label: ["dev.oneoff.kind=run", "dev.oneoff.name=run.7364"] },
    }),
  );

  test("finds a one-off by its name and its app", async () =>
    expect(await find("7364", [mine], "my-app")).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { label: ["dev.oneoff.kind=run", "dev.oneoff.name=run.7364", "dev.oneoff.app=my-app"] },
    }));

  test("finds a one-off by its container's name and escapes it for the engine", async () => {
    expect(await find("my-app.run.7364", [mine])).toEqual({
      outcome: expect.objectContaining(ours),
      filters: { name: ["^my-app\\.run\\.7364$", "^my-app\\.run\\.7364\\.left$"] },
    });
    expect((await find("a|b.*(c", [])).filters).toEqual({
      name: ["^a\\|b\\.\\*\\(c$", "^a\\|b\\.\\*\\(c\\.left$"],
    });
  });

  test.each([ID, ID.slice(0, 12)])("finds a one-off by its container's id: %s", async (word) =>
    expect(await find(word, [{ ...mine, Id: ID }])).toEqual({
      outcome: expect.objectContaining({ ...ours, id: ID }),
      filters: { id: [word] },
    }),
  );

  // The engine prints twelve digits.
  test.each([
    "4f3e9a4f3e9",
    `${ID}0`,
    "4F3E9A4F3E9A",
    "123",
    "123456789012345678901234567890123456789012345678901234567890abcde",
  ])("does not take a word for an id: %s", async (word) =>
    expect((await find(word, [])).filters).toEqual({ name: [`^${word}$`, `^${word}\\.left$`] }),
  );
});

describe("finding no one-off", () => {
  test("fails when no one-off has the name", async () =>
    expect((await find("7364", [])).outcome).toMatchObject({
      code: "unknown-oneoff",
      kind: "failed",
      message: 'No such one-off "7364"',
      next: "oneoff ps --all",
    }));

  test("fails when the app has no such one-off", async () =>
    expect((await find("7364", [], "my-app")).outcome).toMatchObject({
      message: 'No such one-off "7364" of my-app',
    }));

  test("fails when the container with that number was not created by oneoff", async () =>
    expect((await find("7364", [{ ...oneoffOf("my-app"), Names: ["/copy"] }])).outcome).toMatchObject({
      code: "unknown-oneoff",
    }));

  test("fails when the container belongs to another app", async () =>
    expect((await find("my-app.run.7364", [oneoffOf("my-app")], "other")).outcome).toMatchObject({
      code: "unknown-oneoff",
      message: 'No such one-off "my-app.run.7364" of other',
    }));

  test.each([
    ["one without labels", {}],
    ["a process of an app", { "dev.oneoff.kind": "process", "dev.oneoff.app": "my-app" }],
    ["a lock", { "dev.oneoff.kind": "lock" }],
    ["one of an image that was committed from a one-off", { ...oneoffOf("my-app").Labels }],
  ])("fails when the container is %s", async (_what, labels) =>
    expect((await find("redis", [listed("redis", labels)])).outcome).toMatchObject({
      code: "not-oneoff",
      kind: "usage",
      message: 'The container "redis" is not a one-off',
      next: "oneoff ps",
    }),
  );
});

test("refuses a name that several one-offs have and lists their names", async () =>
  expect((await find("7364", [oneoffOf("shop"), oneoffOf("blog")])).outcome).toMatchObject({
    code: "ambiguous-oneoff",
    kind: "usage",
    message: 'Several one-offs have the name "7364": blog.run.7364, shop.run.7364',
    next: "use one of these names",
  }));

describe("listing one-offs", () => {
  const listing = async (...args: [app?: string, which?: "all" | "live"]) => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    engine.on("GET /containers/json", 200, [oneoffOf("shop"), oneoffOf("blog", 1000)]);
    const names = (await listOneoffs(transport, ...args)).map(({ containerName }) => containerName);
    expect(names).toEqual(["shop.run.7364", "blog.run.1000"]);
    return engine.requests.map(filtersOf);
  };

  test("lists all one-offs except containers that are being removed", async () =>
    expect(await listing()).toEqual([
      { label: ["dev.oneoff.kind=run"], status: ["created", "running", "paused", "restarting", "exited", "dead"] },
    ]));

  test("lists the live one-offs of an app", async () =>
    expect(await listing("shop", "live")).toEqual([
      {
        label: ["dev.oneoff.kind=run", "dev.oneoff.app=shop"],
        status: ["created", "running", "paused", "restarting"],
      },
    ]));
});
