import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../src/engine/types.ts";
import { candidatesOf, choose, DEPLOYERS } from "../../../src/oneoff/candidates.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm, oneoffOf } from "../../support/deployed.ts";

/** What a name may mean, as `pick type name`. */
const meant = (name: string, ...containers: ContainerSummary[]) =>
  candidatesOf(name, containers).map(({ from, pick, type, container }) => {
    expect(pick.startsWith(`${from}:`)).toBe(true);
    return [pick, type, container.Names[0]];
  });
const chosen = (name: string, ...containers: ContainerSummary[]) =>
  choose(name, candidatesOf(name, containers))?.container.Names[0];

describe("a name means", () => {
  const shop = ofCompose("shop", "web");
  const kamal = ofKamal("blog", "web");
  test.each<[name: string, pick: string, type: string | undefined, container: ContainerSummary]>([
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
    ["shop-web-1", "container:shop-web-1", undefined, shop],
    ["Plain_1.x", "container:Plain_1.x", undefined, listed("Plain_1.x")],
  ])("%s: %s, of the type %s", (name, pick, type, container) => {
    expect(meant(name, container)).toEqual([[pick, type, container.Names[0]]]);
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
    ["of a one-off of Compose", "web", withLabel(shop, "com.docker.compose.oneoff", "True")],
    ["of a one-off of Kamal", "blog", ofKamal("blog", "web", "exec-9f3c2e-0a1b2c")],
    ["of an accessory of Kamal, which has no role", "blog", listed("blog-db", { service: "blog" })],
    ["of one of our phases", "my-app", withLabel(ofOneoff("my-app", "web"), "dev.oneoff.kind", "phase")],
    ["of one of our one-offs", "my-app", oneoffOf("my-app")],
    ["of one of our one-offs, by its very name", "my-app.run.7364", oneoffOf("my-app")],
    ["of one of our one-offs, by a name that was chosen", "x", { ...oneoffOf("my-app"), Names: ["/x"] }],
    [
      "of one of our one-offs that copied labels",
      "shop/web",
      listed("y", { ...shop.Labels, ...oneoffOf("shop/web").Labels }),
    ],
  ])("nothing %s: %s", (_why, name, container) => expect(meant(name, container)).toEqual([]));

  test("no one-off of Kamal whose version has dashes", () =>
    expect(meant("blog", ofKamal("blog", "web", "exec-v1-2-0a1b2c"))).toEqual([]));

  test("a container by its own name, though links give it others", () => {
    const linked = listed("db", {}, { Names: ["/web/db", "/db"] });
    expect(meant("db", linked).map(([pick]) => pick)).toEqual(["container:db"]);
  });

  test("several containers, each as what it is", () =>
    expect(meant("web", ofCompose("shop", "web"), listed("web"), ofSwarm("web"), ofCompose("blog", "web"))).toEqual([
      ["compose:shop/web", undefined, "/shop-web-1"],
      ["container:web", undefined, "/web"],
      ["swarm:web", undefined, "/web.1.x1y2z3"],
      ["compose:blog/web", undefined, "/blog-web-1"],
    ]));
});

describe("of the containers of one app is chosen", () => {
  const stopped = { State: "exited" };
  const newer = { Created: 1_800_000_000 };

  test("none of none", () => expect(choose("web", [])).toBeUndefined());

  test("one that runs before a newer one that does not", () =>
    expect(chosen("a", ofDokku("a", "web", 1), ofDokku("a", "web", 2, { ...stopped, ...newer }))).toBe("/a.web.1"));

  test("one that runs, whatever its type, before a web that does not", () =>
    expect(chosen("a", ofDokku("a", "web", 1, stopped), ofDokku("a", "worker"))).toBe("/a.worker.1"));

  test("web before other types that are newer", () =>
    expect(chosen("a", ofDokku("a", "worker", 1, newer), ofDokku("a", "web"), ofDokku("a", "cron", 1, newer))).toBe(
      "/a.web.1",
    ));

  test("the newest of equals, wherever it stands", () => {
    const [old, young] = [ofCompose("shop", "web", 1), ofCompose("shop", "web", 2, newer)];
    expect(chosen("web", old, young)).toBe("/shop-web-2");
    expect(chosen("web", young, old)).toBe("/shop-web-2");
  });

  test("a stopped one, where there is no other", () =>
    expect(chosen("plain", listed("plain", {}, stopped))).toBe("/plain"));

  test("what the role says", () =>
    expect(chosen("blog/job", ofKamal("blog", "web"), ofKamal("blog", "job"))).toBe("/blog-job-9f3c2e"));
});

describe("different apps of one name are refused, with what picks each", () => {
  test("in their order, each once, whichever runs", () =>
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
        message: '"web" is the name of different apps: compose:blog/web, compose:shop/web, container:web, swarm:web',
        next: "oneoff run compose:blog/web …",
      }),
    ));

  test("also two destinations of one Kamal service on one host", () => {
    const at = (destination: string) =>
      listed(`blog-web-${destination}-9f3c2e`, { service: "blog", role: "web", destination });
    expect(() => chosen("blog", at("staging"), at("production"))).toThrow(
      expect.objectContaining({ code: "ambiguous-app" }),
    );
  });
});

test("the engine is asked for the labels of each deployer", () => {
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
});

function withLabel(container: ContainerSummary, key: string, value: string): ContainerSummary {
  return { ...container, Labels: { ...container.Labels, [key]: value } };
}
