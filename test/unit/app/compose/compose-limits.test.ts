import { expect, test } from "vitest";
import { loadComposeProject } from "../../../../src/app/compose/load-project.ts";
import type { ComposeChoice } from "../../../../src/app/compose/project.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { virtualFiles } from "../../../support/compose-config.ts";

const load = (
  files: Readonly<Record<string, string>>,
  { choice = {}, env = {}, cwd = "/a", distrust = (_path: string) => undefined as string | undefined } = {},
) => loadComposeProject(choice as ComposeChoice, { ...virtualFiles(files, cwd, env), distrust });

const failure = (...args: Parameters<typeof load>) => {
  try {
    load(...args);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

test("returns nothing without a Compose file, also beside an invalid .env", () => {
  expect(load({})).toBeUndefined();
  expect(load({ "/a/.env": 'A="' })).toBeUndefined();
});

test("reports the place of a mistake in the file that has it", () => {
  const base = "services:\n  web:\n    image: x\n";
  expect(failure({ "/a/compose.yaml": `${base}    ports: ["80:x"]\n` })).toBe(
    "/a/compose.yaml:4:13: services.web.ports[0]: expected [[IP:]PUBLISHED:]TARGET[/PROTOCOL]",
  );
  expect(failure({ "/a/compose.yaml": base, "/a/compose.override.yaml": "services:\n  web:\n    imgae: y\n" })).toBe(
    '/a/compose.override.yaml:3:5: services.web.imgae: unknown key "imgae"; did you mean "image"?',
  );
  expect(failure({ "/a/compose.yaml": `${base}    volumes:\n      - data:/data\n` })).toBe(
    '/a/compose.yaml:5:9: services.web.volumes[0]: "data" is not declared in "volumes"',
  );
});

test("does not print values of variables", () => {
  const files = { "/a/compose.yaml": "services: {web: {image: x, scale: $SECRET, mem_limit: $SECRET}}\n" };
  expect(failure(files, { env: { SECRET: "hidden" } })).not.toContain("hidden");
  const required = { "/a/compose.yaml": `services: {web: {image: '\${X:?costs $5, not $SECRET}'}}\n` };
  expect(failure(required, { env: { SECRET: "hidden" } })).toMatch(/"costs \$5, not \$SECRET"$/);
});

test("reports variables that are not set, with their place", () =>
  expect(load({ "/a/compose.yaml": "services:\n  web:\n    image: x$NONE\n" })?.warnings).toEqual([
    "/a/compose.yaml:3:5: the variable NONE is not set; an empty value is used",
  ]));

test("names the variable with which all files of a project are read", () => {
  const files = { "/a/compose.yaml": "services: {}", "/a/compose.override.yaml": "services: {}", "/a/.env": "A=1\n" };
  const next = (name: string) => {
    const distrust = (path: string) => (path.endsWith(name) ? "its owner is uid 5" : undefined);
    try {
      return load(files, { distrust });
    } catch (error) {
      return (error as OneoffError).next;
    }
  };
  const both = "if you trust the file: export COMPOSE_FILE=/a/compose.yaml:/a/compose.override.yaml";
  expect(next("override.yaml")).toBe(both);
  expect(next("compose.yaml")).toBe(both);
  expect(next(".env")).toBe("if you trust the file: export COMPOSE_ENV_FILES=/a/.env");
});

test("refuses files that another user can write, unless the environment names them", () => {
  const files = { "/a/compose.yaml": "services: {web: {image: x}}\n", "/a/.env": "A=1\n" };
  const distrust = (path: string) => (path.endsWith(".env") ? "every user can write to it" : undefined);
  expect(failure(files, { distrust })).toBe('Refused to read "/a/.env": every user can write to it');
  expect(failure(files, { distrust: () => "its owner is uid 5" })).toMatch(/^Refused to read/);
  const env = { COMPOSE_FILE: "compose.yaml", COMPOSE_DISABLE_ENV_FILE: "1" };
  expect(load(files, { distrust: () => "its owner is uid 5", env })?.files).toEqual(["/a/compose.yaml"]);
});

test("returns contents that come from variables, which are not in the project", () => {
  const text = "services: {web: {image: x, secrets: [s], configs: [c]}}\n";
  const loaded = load(
    {
      "/a/compose.yaml": `${text}secrets: {s: {environment: S}}\nconfigs: {c: {environment: C}}\n`,
      "/a/.env": "C=config\n",
    },
    { env: { S: "hidden" } },
  );
  expect(loaded?.contents).toEqual({ secrets: { s: "hidden" }, configs: { c: "config" } });
  expect(JSON.stringify(loaded?.project)).not.toMatch(/hidden|config"/);
});

test("names disabled services, and reads no env file if only names are needed", () => {
  const text = "services: {web: {image: x, env_file: none}, tool: {image: y, profiles: [p]}}\n";
  expect(failure({ "/a/compose.yaml": text })).toBe('env_file "/a/none": no such file');
  const loaded = load({ "/a/compose.yaml": text }, { choice: { withoutEnvFiles: true } });
  expect(loaded?.disabled).toEqual(["tool"]);
  expect(loaded?.project.services.web).not.toHaveProperty("env_file");
  expect(load({ "/a/compose.yaml": text }, { choice: { services: ["tool"] } })?.project.services).toHaveProperty(
    "tool",
  );
});

const service = (index: number, settings: string) => `  s${index}: {image: x, ${settings}}\n`;
const services = (count: number, settings: (index: number) => string) =>
  `services:\n${Array.from({ length: count }, (_, index) => service(index, settings(index))).join("")}`;

test.each([
  ["large files", { "/a/compose.yaml": "#".repeat(600_000) }, "the file has 600000 bytes"],
  ["many tokens", { "/a/compose.yaml": `x-a: [${"a,".repeat(150_000)}]` }, "the file has more than 200000 tokens"],
  ["aliases", { "/a/compose.yaml": bomb() }, "aliases expand to too much text"],
  ["depth", { "/a/compose.yaml": `x-a: ${"[".repeat(40)}${"]".repeat(40)}` }, "nested too deep"],
  ["many services", { "/a/compose.yaml": services(1001, () => "tty: true") }, "more than 1000 services"],
  ["long values", { "/a/compose.yaml": `x-a: [${"$A,".repeat(1000)}]` }, "the text is too long"],
  ["includes that double", doubling(), "too many files"],
])("limits %s", (_name, files, problem) =>
  expect(failure(files as Record<string, string>, { env: { A: "a".repeat(10_000) } })).toContain(problem),
);

test.each([
  ["extends", (next: number) => `extends: s${next}`],
  ["depends_on", (next: number) => `depends_on: [s${next}]`],
])("reads a long chain of %s", (_key, settings) => {
  const chain = services(1000, (index) => (index === 999 ? "tty: true" : settings(index + 1)));
  expect(Object.keys(load({ "/a/compose.yaml": chain })?.project.services ?? {}).length).toBe(1000);
});

/** A short text that aliases expand to millions of values. */
function bomb(): string {
  const lines = ["x-0: &a0 [a, a, a, a, a, a, a, a, a, a]"];
  for (let level = 1; level < 8; level++) {
    lines.push(`x-${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
  }
  return lines.join("\n");
}

/** Each file includes the next one twice. */
function doubling(): Record<string, string> {
  const files: Record<string, string> = {
    "/a/compose.yaml": "include: [0.yaml, ./b/../0.yaml]\nservices: {web: {image: x}}\n",
  };
  for (let index = 0; index < 20; index++) {
    files[`/a/${index}.yaml`] = `include: [${index + 1}.yaml, ./${index + 1}.yaml]\n`;
  }
  files["/a/20.yaml"] = "services: {last: {image: x}}\n";
  return files;
}
