import { expect, test } from "vitest";
import type { Files } from "../../../../src/oneoff/apps/manifest-file.ts";
import { requireSameProject } from "../../../../src/oneoff/apps/other-project.ts";
import { toServiceApp } from "../../../../src/oneoff/swarm/services/service-app.ts";
import { ofService, ofStack } from "../../../support/swarm-services.ts";

const files: Files = {
  cwd: "/srv/shop",
  env: {},
  exists: (path) => path === "/srv/shop/compose.yaml",
  readFile: () => Buffer.from("services: {web: {image: i}}"),
  fileTrust: () => undefined,
  envStore: { read: () => new Map() },
};
const check = (name: string, service: ReturnType<typeof ofService>) =>
  requireSameProject(name, { service: toServiceApp(service) }, files);

test("accepts a service of the stack of the working folder's project", () => check("web", ofStack("shop", "web")));

test("refuses a service of another stack, with the names that select one", () =>
  expect(check("web", ofStack("blog", "web"))).rejects.toMatchObject({
    code: "ambiguous-app",
    message: 'Several apps have the name "web": compose:shop/web, swarm:blog_web',
  }));

test.each(["blog/web", "blog_web", "swarm:web"])("accepts %s, which names no service of the working folder", (name) =>
  check(name, ofStack("blog", "web")),
);

test("accepts a service that is in no stack", () => check("web", ofService("web")));
