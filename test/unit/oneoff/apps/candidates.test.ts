import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import {
  appNamesOf,
  chooseContainer,
  DEPLOYERS,
  matchCandidates,
  matchDeployers,
  parseQualifiedName,
} from "../../../../src/oneoff/apps/candidates.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm, oneoffOf } from "../../../support/deployed.ts";

/** Formats the candidates of a name as `qualifiedName type name`. */
const meant = (name: string, ...containers: ContainerSummary[]) =>
  matchCandidates(name, containers).map(({ from, qualifiedName, type, container }) => {
    expect(qualifiedName.startsWith(`${from}:`)).toBe(true);
    return [qualifiedName, type, container.Names[0]];
  });
const chosen = (name: string, ...containers: ContainerSummary[]) =>
  chooseContainer(name, matchCandidates(name, containers))?.container.Names[0];

describe("candidates of a name", () => {
  const shop = ofCompose("shop", "web");
  const kamal = ofKamal("blog", "web");
  test.each<[name: string, qualifiedName: string, type: string | undefined, container: ContainerSummary]>([
    ["my-app", "dokku:my-app", "web", ofDokku("my-app", "web")],
    ["my-app", "dokku:my-app", "worker", ofDokku("my-app", "worker", 2)],
    ["web", "compose:shop/web", undefined, shop],
    ["shop/web", "compose:shop/web", undefined, shop],
    ["web", "compose:shop/web", undefined, listed("by-hand", shop.Labels)],
    ["blog", "kamal:blog", "web", kamal],
    ["blog/web", "kamal:blog", "web", kamal],
    ["blog", "kamal:blog", "web", ofKamal("blog", "web", "staging-9f3c2e")],
    ["stack_api", "swarm:stack_api", undefined, ofSwarm("stack_api")],
    ["my-app", "oneoff:my-app", "worker", ofOneoff("my-app", "worker")],
    ["plain", "container:plain", undefined, listed("plain")],
    // A container of an image committed from a one-off, or a copy of a process.
    ["x", "container:x", undefined, { ...oneoffOf("my-app"), Names: ["/x"] }],
    ["x", "container:x", undefined, { ...ofOneoff("my-app", "web"), Names: ["/x"] }],
    ["shop-web-1", "container:shop-web-1", undefined, shop],
    ["Plain_1.x", "container:Plain_1.x", undefined, listed("Plain_1.x")],
  ])("matches %s to %s, of the type %s", (name, qualifiedName, type, container) => {
    expect(meant(name, container)).toEqual([[qualifiedName, type, container.Names[0]]]);
  });

  test.each<[why: string, name: string, container: ContainerSummary]>([
    ["of a longer name", "app", listed("my-app")],
    ["of a longer name", "my-app", listed("my-app-2")],
    ["of another app whose containers' names begin with it", "my", ofDokku("my-app", "web")],
    ["of another app whose containers' names end with it", "1", ofDokku("my-app", "web")],
    ["of the project, which is no service", "shop", shop],
    ["of another project", "blog/web", shop],
    ["of another role", "blog/worker", kamal],
    ["of another service", "shop/web", kamal],
    ["of a role alone", "web", kamal],
    ["of another case", "Plain", listed("plain")],
    ["of dokku's own one-offs", "my-app", withLabel(ofDokku("my-app", "web"), "com.dokku.container-type", "run")],
    ["of dokku's cron tasks", "my-app", withLabel(ofDokku("my-app", "web"), "com.dokku.container-type", "cron")],
    ["of a deploy task of dokku, which has no type", "my-app", listed("x", { "com.dokku.app-name": "my-app" })],
    ["of a copied process of oneoff", "my-app", { ...ofOneoff("my-app", "web"), Names: ["/x"] }],
    ["of a one-off of Compose", "web", withLabel(shop, "com.docker.compose.oneoff", "True")],
    ["of a one-off of Kamal", "blog", ofKamal("blog", "web", "exec-9f3c2e-0a1b2c")],
    ["of an accessory of Kamal, which has no role", "blog", listed("blog-db", { service: "blog" })],
    ["of a phase", "my-app", withLabel(ofOneoff("my-app", "web"), "dev.oneoff.kind", "phase")],
    ["of a one-off", "my-app", oneoffOf("my-app")],
    ["of a one-off, by its name", "my-app.run.7364", oneoffOf("my-app")],
    ["of a one-off, by its custom name", "x", listed("x", { "dev.oneoff.kind": "run" })],
    ["of a one-off that copied labels", "shop/web", listed("y", { ...shop.Labels, "dev.oneoff.kind": "run" })],
  ])("does not match a name %s: %s", (_why, name, container) => expect(meant(name, container)).toEqual([]));

  test("matches no one-off of Kamal with dashes in its version", () =>
    expect(meant("blog", ofKamal("blog", "web", "exec-v1-2-0a1b2c"))).toEqual([]));

  test("matches a container by its own name, not by names from links", () => {
    const linked = listed("db", {}, { Names: ["/web/db", "/db"] });
    expect(meant("db", linked).map(([qualifiedName]) => qualifiedName)).toEqual(["container:db"]);
  });

  test("matches several containers of different deployers", () =>
    expect(meant("web", ofCompose("shop", "web"), listed("web"), ofSwarm("web"), ofCompose("blog", "web"))).toEqual([
      ["compose:shop/web", undefined, "/shop-web-1"],
      ["container:web", undefined, "/web"],
      ["swarm:web", undefined, "/web.1.x1y2z3"],
      ["compose:blog/web", undefined, "/blog-web-1"],
    ]));
});

describe("a qualified name", () => {
  test.each<[picked: string, from: string | undefined, name: string]>([
    ["web", undefined, "web"],
    ["shop/web", undefined, "shop/web"],
    ["compose:shop/web", "compose", "shop/web"],
    ["kamal:blog@staging", "kamal", "blog@staging"],
    ["nobody:web", "nobody", "web"],
    ["compose:", undefined, "compose:"],
    [":web", undefined, ":web"],
    ["Compose:web", undefined, "Compose:web"],
    ["a:b:c", "a", "b:c"],
    ["", undefined, ""],
  ])("splits %j into deployer and name", (picked, from, name) =>
    expect(parseQualifiedName(picked)).toEqual({ from, name }),
  );
});

describe("a name with a deployer", () => {
  const both = listed("web", { ...ofCompose("shop", "web").Labels, ...ofDokku("web", "web").Labels });

  test.each(["dokku:web", "compose:shop/web", "container:web"])(
    "matches only the deployer of a qualified name: %s",
    (picked) => expect(meant(picked, both).map(([qualifiedName]) => qualifiedName)).toEqual([picked]),
  );

  test("matches no other deployer of a qualified name", () => {
    expect(meant("swarm:web", both)).toEqual([]);
    expect(meant("nobody:web", both)).toEqual([]);
  });

  test("matches a container with labels of two deployers once by a name without a deployer", () =>
    expect(meant("web", both)).toEqual([["dokku:web", "web", "/web"]]));

  test("prefers an exact qualified name to apps whose names begin with it", () => {
    const blogs = ["", "staging"].map((destination) =>
      listed(`blog-web-${destination}`, { service: "blog", role: "web", destination }),
    );
    expect(meant("kamal:blog", ...blogs).map(([qualifiedName]) => qualifiedName)).toEqual(["kamal:blog"]);
    expect(meant("blog", ...blogs).map(([qualifiedName]) => qualifiedName)).toEqual([
      "kamal:blog",
      "kamal:blog@staging",
    ]);
    // A role is not part of the qualified name.
    expect(meant("kamal:blog/web", ...blogs).map(([qualifiedName]) => qualifiedName)).toEqual([
      "kamal:blog",
      "kamal:blog@staging",
    ]);
    // Without an exact match, other matches are returned.
    expect(meant("kamal:blog", ...blogs.slice(1)).map(([qualifiedName]) => qualifiedName)).toEqual([
      "kamal:blog@staging",
    ]);
  });
});

describe("the deployers of a container", () => {
  const plain = (name: string) => ({ from: "container", app: name, type: undefined });
  test.each<[what: string, container: ContainerSummary, marks: unknown[]]>([
    ["only its own name", listed("plain"), [plain("plain")]],
    [
      "dokku's labels as well",
      ofDokku("my-app", "web"),
      [{ from: "dokku", app: "my-app", type: "web" }, plain("my-app.web.1")],
    ],
    [
      "Compose's labels as well",
      ofCompose("shop", "web"),
      [{ from: "compose", app: "shop/web", type: undefined }, plain("shop-web-1")],
    ],
    [
      "Kamal's labels as well",
      listed("b-web-1", { service: "b", role: "web", destination: "staging" }),
      [{ from: "kamal", app: "b@staging", type: "web" }, plain("b-web-1")],
    ],
    [
      "labels of oneoff as well",
      ofOneoff("my-app", "web"),
      [{ from: "oneoff", app: "my-app", type: "web" }, plain("my-app.web.1")],
    ],
    ["nothing if it is a one-off", oneoffOf("my-app"), []],
    ["nothing if it is a lock", listed("x", { "dev.oneoff.kind": "lock" }), []],
    ["nothing if it is a temporary container to read an image", listed("x", { "dev.oneoff.kind": "procfile" }), []],
    ["nothing if it has no name", listed("x", {}, { Names: [] }), []],
  ])("matches a container by %s", (_what, container, marks) => expect(matchDeployers(container)).toEqual(marks));
});

describe("the names of an app", () => {
  const compose = { from: "compose", app: "shop/web", type: undefined } as const;
  const kamal = { from: "kamal", app: "blog@staging", type: "job" } as const;
  test.each([
    ["web", compose, true],
    ["shop/web", compose, true],
    ["shop", compose, false],
    ["op/web", compose, false],
    ["eb", compose, false],
    ["", compose, false],
    ["shop/", compose, false],
    ["blog", kamal, true],
    ["blog@staging", kamal, true],
    ["blog/job", kamal, true],
    ["blog@staging/job", kamal, true],
    ["blog/web", kamal, false],
    ["blog@stag", kamal, false],
    ["blog@production", kamal, false],
    ["web", { from: "container", app: "web", type: undefined }, true],
    ["web", { from: "container", app: "shop/web", type: undefined }, false],
  ] as const)("decides whether %j names %o: %s", (name, mark, expected) =>
    expect(appNamesOf(mark).includes(name)).toBe(expected),
  );
});

describe("the choice among the containers of an app", () => {
  const stopped = { State: "exited" };
  const newer = { Created: 1_800_000_000 };

  test("chooses nothing without containers", () => expect(chooseContainer("web", [])).toBeUndefined());

  test("chooses a running container before a newer stopped one", () =>
    expect(chosen("a", ofDokku("a", "web", 1), ofDokku("a", "web", 2, { ...stopped, ...newer }))).toBe("/a.web.1"));

  test("chooses a running process of any type before a stopped web process", () =>
    expect(chosen("a", ofDokku("a", "web", 1, stopped), ofDokku("a", "worker"))).toBe("/a.worker.1"));

  test("chooses a web process before newer processes of other types", () =>
    expect(chosen("a", ofDokku("a", "worker", 1, newer), ofDokku("a", "web"), ofDokku("a", "cron", 1, newer))).toBe(
      "/a.web.1",
    ));

  test("chooses the newest of equal containers in any order", () => {
    const [old, young] = [ofCompose("shop", "web", 1), ofCompose("shop", "web", 2, newer)];
    expect(chosen("web", old, young)).toBe("/shop-web-2");
    expect(chosen("web", young, old)).toBe("/shop-web-2");
  });

  test("chooses a stopped container if no other exists", () =>
    expect(chosen("plain", listed("plain", {}, stopped))).toBe("/plain"));

  test("chooses the role of a Kamal service that the name has", () =>
    expect(chosen("blog/job", ofKamal("blog", "web"), ofKamal("blog", "job"))).toBe("/blog-job-9f3c2e"));
});

describe("an ambiguous name", () => {
  test("refuses an ambiguous name with each qualified name once, in order", () =>
    expect(() =>
      chosen(
        "web",
        ofSwarm("web"),
        ofCompose("shop", "web"),
        ofCompose("shop", "web", 2),
        ofCompose("blog", "web", 1, { State: "exited" }),
        listed("web"),
      ),
    ).toThrow(
      expect.objectContaining({
        code: "ambiguous-app",
        kind: "failed",
        message: 'Several apps have the name "web": compose:blog/web, compose:shop/web, container:web, swarm:web',
        next: "oneoff run compose:blog/web …",
      }),
    ));

  test("refuses the name of a Kamal service with two destinations on one host", () => {
    const at = (destination: string) =>
      listed(`blog-web-${destination}-9f3c2e`, { service: "blog", role: "web", destination });
    expect(() => chosen("blog", at("staging"), at("production"))).toThrow(
      expect.objectContaining({ code: "ambiguous-app" }),
    );
  });
});

test("filters by the labels of each deployer", () => {
  const asked = (name: string) => Object.fromEntries(DEPLOYERS.map(({ from, filter }) => [from, filter(name)]));
  expect(asked("app")).toEqual({
    oneoff: ["dev.oneoff.app=app", "dev.oneoff.kind=process"],
    dokku: ["com.dokku.app-name=app", "com.dokku.container-type=deploy"],
    compose: ["com.docker.compose.service=app"],
    kamal: ["service=app", "role"],
    swarm: ["com.docker.swarm.service.name=app"],
  });
  expect(asked("shop/web")).toMatchObject({
    compose: ["com.docker.compose.service=web", "com.docker.compose.project=shop"],
    kamal: ["service=shop", "role=web"],
  });
  expect(asked("blog@staging")).toMatchObject({ kamal: ["service=blog", "role", "destination=staging"] });
  expect(asked("blog@staging/job")).toMatchObject({ kamal: ["service=blog", "role=job", "destination=staging"] });
});

test.each([
  ["shop/web", ["compose", "kamal"]],
  ["blog@staging", ["kamal"]],
  ["blog@staging/job", ["kamal"]],
  ["a b", ["compose", "kamal"]],
  ["A_b.c-1", ["oneoff", "dokku", "compose", "kamal", "swarm"]],
])("searches %j only with deployers that allow the name", (name, deployers) =>
  expect(DEPLOYERS.filter(({ filter }) => filter(name)).map(({ from }) => from)).toEqual(deployers),
);

function withLabel(container: ContainerSummary, key: string, value: string): ContainerSummary {
  return { ...container, Labels: { ...container.Labels, [key]: value } };
}
