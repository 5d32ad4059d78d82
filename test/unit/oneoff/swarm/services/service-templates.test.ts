import { expect, test } from "vitest";
import {
  escapeTemplate,
  expandTemplate,
  namesNode,
  withServiceValues,
} from "../../../../../src/oneoff/swarm/services/service-templates.ts";
import { ofService } from "../../../../support/swarm-services.ts";

const service = ofService("web", {}, { Labels: { "a.b": "c" } });

test.each([
  ["plain $A {x} }}", "plain $A {x} }}"],
  ["{{.Service.Name}}-{{ .Service.ID }}", "web-id-of-web"],
  ["{{- .Node.Hostname -}}/{{.Node.ID}}", "node1/n1"],
  ['{{index .Service.Labels "a.b"}}', "c"],
  ['<{{index .Service.Labels "none"}}>', "<>"],
  ["{{.Task.Slot}}", undefined],
  ["{{.Service.Name}}-{{.Task.Name}}", undefined],
  ["{{.Node.Platform.OS}}", undefined],
  ["{{.Service.Name | printf}}", undefined],
])("expands %s", (text, expected) =>
  expect(expandTemplate(text, service, { id: "n1", hostname: "node1" })).toBe(expected),
);

test("omits the node where it is unknown", () =>
  expect(expandTemplate("{{.Node.ID}}", service, { id: undefined, hostname: undefined })).toBeUndefined());

test.each([
  ["{{.Node.ID}}", true],
  ["{{.Service.Name}}", false],
  [".Node.ID", false],
])("recognizes that %s names a node: %s", (text, expected) => expect(namesNode(text)).toBe(expected));

test.each(["{{.Node.ID}} {{", "a{{{b}}"])("escapes braces that are no placeholders: %s", (text) => {
  const escaped = escapeTemplate(text);
  expect(namesNode(escaped)).toBe(false);
  expect(expandTemplate(escaped, service, { id: "n1", hostname: "node1" })).toBe(text);
});

test("gives a copy the values of the service that it copies", () => {
  const container = {
    ...{
      Image: "i",
      Hostname: "{{.Service.Name}}-{{.Task.Slot}}",
      Env: ['L={{index .Service.Labels "a.b"}}', "N={{.Node.ID}}"],
    },
    Mounts: [{ Type: "volume" as const, Source: "{{.Service.Name}}-data", Target: "/{{.Service.ID}}" }],
  };
  const labels = { "a.b": "{{x" };
  const copied = withServiceValues(
    ofService("web", {}, { Labels: labels, TaskTemplate: { ContainerSpec: container } }),
  );
  expect(copied.TaskTemplate.ContainerSpec).toEqual({
    ...{ Image: "i", Hostname: "web-{{.Task.Slot}}", Env: ['L={{"{{"}}x', "N={{.Node.ID}}"] },
    Mounts: [{ Type: "volume", Source: "web-data", Target: "/id-of-web" }],
  });
});
