import { expect, test } from "vitest";
import {
  qualifiedServiceName,
  serviceAppNames,
  toServiceApp,
} from "../../../../../src/oneoff/swarm/services/service-app.ts";
import { ofOwnService, ofService, ofStack } from "../../../../support/swarm-services.ts";

test.each([
  [ofService("web"), "swarm:web", ["web"]],
  [ofService("shop_web"), "swarm:shop_web", ["shop_web"]],
  [ofStack("shop", "web"), "swarm:shop_web", ["shop_web", "shop/web", "web"]],
  [ofStack("a_b", "c_d"), "swarm:a_b_c_d", ["a_b_c_d", "a_b/c_d", "c_d"]],
  [ofService("web", {}, { Labels: { "com.docker.stack.namespace": "shop" } }), "swarm:web", ["web"]],
  [ofOwnService("my-app", "web"), "swarm:my-app", ["my-app-web", "my-app"]],
])("names the service %#", (service, qualified, names) => {
  const app = toServiceApp(service);
  expect(qualifiedServiceName(app)).toBe(qualified);
  expect(serviceAppNames(app)).toEqual(names);
});

test("does not take copied labels for a service of oneoff", () => {
  const { Spec, ...service } = ofOwnService("my-app", "web");
  expect(toServiceApp({ ...service, Spec: { ...Spec, Name: "copy" } }).own).toBeUndefined();
});
