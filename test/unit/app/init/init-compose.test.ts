import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { Inherited } from "../../../../src/app/env.ts";
import { parseCompose } from "../../../../src/app/init/init-compose.ts";

const parse = (text: string, variables: Inherited = {}, folderName = "shop") =>
  parseCompose(Buffer.from(text), "/srv/compose.yaml", { file: "compose.yaml", folderName, variables });

/** What the app sets under a key for the only service: its values, or its names and values. */
function said(service: string, key: string, top = "") {
  const [{ statements } = { statements: [] }] = parse(`services: {web: ${service}}\n${top}`).services;
  return statements
    .filter((one) => one.key === key)
    .map(({ name, value }) => (name === undefined ? value : [name, value]));
}
const values = (service: string, key: string, top?: string) =>
  said(service, key, top).map((one) => (Array.isArray(one) ? one[1] : one));

function problem(text: string | Buffer) {
  try {
    parseCompose(Buffer.from(text), "compose.yaml", { file: "compose.yaml", folderName: "shop", variables: {} });
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("determines the project name", () => {
  test.each<[what: string, text: string, variables: Inherited, folder: string, project: string]>([
    ["from the folder", "", {}, "My Shop.v2", "myshopv2"],
    ["from the file", "name: shop-2", {}, "folder", "shop-2"],
    ["from COMPOSE_PROJECT_NAME before the file", "name: a", { COMPOSE_PROJECT_NAME: "Live" }, "folder", "live"],
    ["not from an empty COMPOSE_PROJECT_NAME", "name: a", { COMPOSE_PROJECT_NAME: "" }, "folder", "a"],
    ["with defaults of variables", `name: \${STAGE:-dev}-shop`, {}, "folder", "dev-shop"],
    ["with values of variables", `name: \${STAGE:-dev}-shop`, { STAGE: "live" }, "folder", "live-shop"],
    ["from the folder if a variable is missing", `name: \${STAGE:?}`, {}, "folder", "folder"],
    ["as empty if no character is valid", "", {}, "日本", ""],
  ])("determines the project name %s", (_, text, variables, folder, project) =>
    expect(parse(text, variables, folder).project).toBe(project),
  );
});

test.each(["", "# nothing", "---", "services:", "services: {}", "name: x", "include: [other.yaml]"])(
  "finds no services in %j",
  (text) => expect(parse(text).services).toEqual([]),
);

describe("reads an image", () => {
  test("keeps the variables of an image", () =>
    expect(values(`{image: "shop:\${TAG:-v1}"}`, "image")).toEqual([`shop:\${TAG:-v1}`]));
  test("prefers an image to a build", () => {
    expect(values("{image: shop, build: .}", "image")).toEqual(["shop"]);
    expect(values("{image: shop, build: .}", "build")).toEqual([]);
  });
});

describe("reads limits", () => {
  test.each<[service: string, limits: unknown[]]>([
    [
      "{mem_limit: 64m, cpus: 0.50, pids_limit: 50}",
      [
        ["memory", "64m"],
        ["cpus", "0.5"],
        ["pids-limit", "50"],
      ],
    ],
    [
      "{deploy: {resources: {limits: {memory: 1gb, cpus: '2', pids: 9}}}}",
      [
        ["memory", "1gb"],
        ["cpus", "2"],
        ["pids-limit", "9"],
      ],
    ],
    ["{mem_limit: 64m, deploy: {resources: {limits: {memory: 1g}, reservations: {cpus: 1}}}}", [["memory", "64m"]]],
    ["{mem_limit: 0, pids_limit: -1}", []],
  ])("keeps the limits of %s", (service, limits) => expect(said(service, "run")).toEqual(limits));
});

test("lists unsupported keys by name, unless they change nothing", () => {
  const [{ statements } = { statements: [] }] = parse(
    "services: {web: {cap_add: [X], secrets: [s], ulimits: {}, dns: [], privileged: false, read_only: true, ports: ['1'], restart: always}}",
  ).services;
  expect(statements.filter(({ value }) => value === undefined).map(({ key }) => key)).toEqual([
    ...["secrets", "cap_add", "read_only"],
  ]);
});

describe("reads build", () => {
  test.each<[build: string, said: unknown]>([
    [".", "."],
    ["./backend", "./backend"],
    ["{}", new Map([["context", "."]])],
    ["{context: ..}", new Map([["context", ".."]])],
    [
      "{context: a, dockerfile: b/Dockerfile, target: c, args: {X: 1, Y: }, cache_from: [d]}",
      new Map<string, unknown>([
        ["context", "a"],
        ["dockerfile", "b/Dockerfile"],
        ["target", "c"],
        [
          "args",
          new Map([
            ["X", "1"],
            ["Y", `\${Y}`],
          ]),
        ],
      ]),
    ],
    [
      "{args: [X=1=2, Y]}",
      new Map<string, unknown>([
        ["context", "."],
        [
          "args",
          new Map([
            ["X", "1=2"],
            ["Y", `\${Y}`],
          ]),
        ],
      ]),
    ],
    ["https://example.org/shop.git", undefined],
    ["git@example.org:shop.git", undefined],
    ["{context: 'github.com/a/b'}", undefined],
    ["{dockerfile_inline: FROM x}", undefined],
  ])("reads the build %s", (build, expected) => expect(values(`{build: ${build}}`, "build")).toEqual([expected]));

  test.each([
    [".", true],
    ["./", true],
    ["{dockerfile: x}", true],
    ["{context: .}", true],
    ["./a", false],
    ["..", false],
    ["/", false],
    ["{context: a}", false],
  ])("reports whether %s is built in this folder: %s", (build, isBuiltHere) =>
    expect(parse(`services: {web: {build: ${build}, image: x}}`).services).toMatchObject([{ isBuiltHere }]),
  );
  test("does not treat a service without build as built in this folder", () =>
    expect(parse("services: {web: {image: x}}").services).toMatchObject([{ isBuiltHere: false }]));
});

describe("reads environment", () => {
  test("reads environment as a map or a list", () => {
    expect(said("{environment: {A: a, B: ''}}", "env")).toEqual([
      ["A", "a"],
      ["B", ""],
    ]);
    expect(said("{environment: [A=a, 'B=', C=c=d, A=e]}", "env")).toEqual([
      ["A", "e"],
      ["B", ""],
      ["C", "c=d"],
    ]);
  });
  test("converts numbers and booleans like Compose", () =>
    expect(
      said("{environment: {A: 1.10, B: 022, C: 123456789012345678, D: True, E: 0x1F, F: +5, G: 1e3, H: -07}}", "env"),
    ).toEqual(
      Object.entries({ A: "1.1", B: "18", C: "123456789012345678", D: "true", E: "31", F: "5", G: "1000", H: "-7" }),
    ));
  test("inherits a variable without a value, if its name allows it", () => {
    expect(said("{environment: {A: , B: ~, x.y: }}", "env")).toEqual([
      ["A", `\${A}`],
      ["B", `\${B}`],
      ["x.y", undefined],
    ]);
    expect(said("{environment: [A, x-y]}", "env")).toEqual([
      ["A", `\${A}`],
      ["x-y", undefined],
    ]);
  });
  test("rejects a variable in a variable's name", () =>
    expect(said(`{environment: ["\${A}=a"]}`, "env")).toEqual([[`\${A}`, undefined]]));
  test("accepts any name and value of a variable", () =>
    expect(said('{environment: {__proto__: a, constructor: b, 1: c, "a b": "x\\ny", L: [1]}}', "env")).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["1", "c"],
      ["a b", "x\ny"],
      ["L", undefined],
    ]));
  test("merges maps: own keys override merged keys, and the first merged map takes precedence", () => {
    const { services } = parse(`
x-one: &one {A: one, B: one, C: one}
x-two: &two {B: two, D: two}
services:
  web: &web {image: i, environment: {<<: [*one, *two], C: own}}
  job: {<<: *web, image: j}
`);
    const env = [
      { key: "env", name: "B", value: "one" },
      { key: "env", name: "D", value: "two" },
      { key: "env", name: "A", value: "one" },
      { key: "env", name: "C", value: "own" },
    ];
    const networks = { key: "networks", name: "shop_default", value: "shop_default" };
    expect(services.map(({ statements }) => statements)).toEqual([
      [{ key: "image", value: "i" }, ...env, networks],
      [{ key: "image", value: "j" }, ...env, networks],
    ]);
  });
});

describe("reads env_file", () => {
  test.each<[given: string, files: unknown[]]>([
    [".env", [".env"]],
    ["[.env, b/live.env]", [".env", "b/live.env"]],
    ["[{path: a.env}, {path: b.env, required: true}]", ["a.env", "b.env"]],
  ])("reads the env_file %s", (given, files) => expect(values(`{env_file: ${given}}`, "env-file")).toEqual(files));
  test("rejects an optional env_file", () =>
    expect(said("{env_file: [{path: a.env, required: false}]}", "env-file")).toEqual([["a.env", undefined]]));
});

describe("reads volumes", () => {
  const top =
    "volumes: {db: , cache: {name: shared}, ext: {external: true}, old: {external: {name: older}}, own: {external: false}}";
  test.each<[volume: string, mount: unknown]>([
    ["db:/data", "shop_db:/data"],
    ["db:/data:ro", "shop_db:/data:ro"],
    ["cache:/c", "shared:/c"],
    ["ext:/e", "ext:/e"],
    ["old:/o", "older:/o"],
    ["own:/o", "shop_own:/o"],
    ["./a:/a", "./a:/a"],
    ["../a:/a:rw,z", "../a:/a:rw,z"],
    [".:/a", ".:/a"],
    ["..:/a", "..:/a"],
    [".env:/a", "./.env:/a"],
    ["..a:/a", "./..a:/a"],
    ["/a:/b", "/a:/b"],
    ["~/a:/a", "~/a:/a"],
    ["/anonymous", "/anonymous"],
    [`\${DATA}:/a`, `\${DATA}:/a`],
    [`\${DATA:-./x}/y:\${TO:-/a:b}:ro`, `\${DATA:-./x}/y:\${TO:-/a:b}:ro`],
    [`\${A:-\${B:-./x}}:/a`, `\${A:-\${B:-./x}}:/a`],
    ["$${DATA:-/a", "$${DATA:-/a"],
  ])("converts the volume %s to %s", (volume, mount) =>
    expect(values(`{volumes: [${JSON.stringify(volume)}]}`, "mounts", top)).toEqual([mount]),
  );

  const map = (entries: Record<string, unknown>) => new Map(Object.entries(entries));
  test.each<[volume: string, mount: unknown]>([
    ["{type: volume, source: db, target: /d}", map({ type: "volume", source: "shop_db", target: "/d" })],
    ["{type: volume, source: ext, target: /d}", map({ type: "volume", source: "ext", target: "/d" })],
    ["{type: volume, target: /d}", map({ type: "volume", target: "/d" })],
    [`{type: volume, source: "\${V}", target: /d}`, map({ type: "volume", source: `\${V}`, target: "/d" })],
    [
      "{type: bind, source: a, target: /d, read_only: true}",
      map({ type: "bind", source: "a", target: "/d", "read-only": true }),
    ],
    ["{type: bind, source: ./a, target: /d, read_only: false}", map({ type: "bind", source: "./a", target: "/d" })],
    [
      `{type: bind, source: ./a, target: /d, read_only: "\${RO}"}`,
      map({ type: "bind", source: "./a", target: "/d", "read-only": `\${RO}` }),
    ],
    ["{type: tmpfs, source: x, target: /d, tmpfs: {size: 1}}", map({ type: "tmpfs", target: "/d" })],
    ["{type: npipe, source: a, target: /d}", undefined],
    ["{type: volume, source: db, target: /d, volume: {subpath: a}}", undefined],
    ["{source: db, target: /d}", undefined],
    ["[a]", undefined],
  ])("reads the volume %s", (volume, mount) =>
    expect(values(`{volumes: [${volume}]}`, "mounts", top)).toEqual([mount]),
  );

  test("uses the last mount of a target", () =>
    expect(said("{volumes: [a:/x, b:/y, {type: tmpfs, target: /x}, c:/y:ro]}", "mounts")).toEqual([
      ["/x", map({ type: "tmpfs", target: "/x" })],
      ["/y", "shop_c:/y:ro"],
    ]));
  test("converts one or many tmpfs, without their options", () => {
    expect(values("{tmpfs: /run}", "mounts")).toEqual([map({ type: "tmpfs", target: "/run" })]);
    expect(said("{tmpfs: ['/run:size=1m,mode=700', /tmp]}", "mounts").map((one) => (one as string[])[0])).toEqual([
      "/run",
      "/tmp",
    ]);
  });
});

describe("reads networks", () => {
  const top = "networks: {front: , back: {name: real}, ext: {external: true}, old: {external: {name: older}}}";
  test.each<[service: string, networks: unknown[]]>([
    ["{}", ["shop_default"]],
    ["{networks: }", ["shop_default"]],
    ["{networks: []}", ["shop_default"]],
    ["{networks: [front, back, ext, old]}", ["shop_front", "real", "ext", "older"]],
    ["{networks: {back: {aliases: [a]}, default: }}", ["real", "shop_default"]],
    ["{network_mode: host}", ["host"]],
    ["{network_mode: none, networks: [front]}", ["none"]],
    ["{network_mode: 'container:db'}", ["container:db"]],
    ["{network_mode: 'service:db'}", [undefined]],
  ])("converts the networks of %s to %j", (service, networks) =>
    expect(values(service, "networks", top)).toEqual(networks),
  );
  test("uses the name of a renamed default network", () =>
    expect(values("{}", "networks", "networks: {default: {name: proxy, external: true}}")).toEqual(["proxy"]));
  test("lists two networks of the same name once", () =>
    expect(values("{networks: [a, b]}", "networks", "networks: {a: {name: x}, b: {name: x}}")).toEqual(["x"]));
});

describe("reads other keys", () => {
  test.each<[service: string, key: string, value: unknown]>([
    ["{user: 1000}", "user", "1000"],
    ["{user: '1000:1000'}", "user", "1000:1000"],
    [`{user: "\${UID}"}`, "user", `\${UID}`],
    ["{working_dir: /app}", "workdir", "/app"],
    ["{init: true}", "init", true],
    ["{init: False}", "init", false],
    [`{init: "\${INIT}"}`, "init", `\${INIT}`],
    ["{entrypoint: [sh, -c, 'a && b', 1]}", "entrypoint", ["sh", "-c", "a && b", "1"]],
    ["{entrypoint: '/bin/run --a \"b c\"'}", "entrypoint", ["/bin/run", "--a", "b c"]],
    ["{entrypoint: [echo, $$HOME]}", "entrypoint", ["echo", "$HOME"]],
    ["{entrypoint: []}", "entrypoint", ""],
    ["{entrypoint: ''}", "entrypoint", ""],
    ["{entrypoint: [a, $B]}", "entrypoint", undefined],
    [`{entrypoint: "a \${B}"}`, "entrypoint", undefined],
    ["{entrypoint: 'a | b'}", "entrypoint", undefined],
  ])("reads %s", (service, key, value) => expect(said(service, key)).toEqual([value]));

  test.each(["entrypoint", "init", "user", "workdir", "env", "env-file", "mounts", "image", "build"])(
    "omits %s if it has no value",
    (key) =>
      expect(
        said(
          "{entrypoint: , init: , user: , working_dir: , environment: , env_file: , volumes: , tmpfs: , image: , build: }",
          key,
        ),
      ).toEqual([]),
  );

  test("ignores keys without an equivalent in oneoff.yaml", () =>
    expect(
      parse(`services:
  web:
    image: i
    ports: ["80:80"]
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: [CMD, true]}
    command: !reset null
    deploy: !override {replicas: 3}
    x-mine: [1, {a: b}]
    labels: {a: b}
`).services,
    ).toEqual([
      {
        name: "web",
        isBuiltHere: false,
        statements: [
          { key: "image", value: "i" },
          { key: "networks", name: "shop_default", value: "shop_default" },
        ],
      },
    ]));
});

describe("reports the position in a broken file, without values", () => {
  test.each([
    ["services:\n  web:\n  image: 'secret\n", "compose.yaml:4:1: missing closing 'quote"],
    ["services:\n\tweb: {}\n", "compose.yaml:2:1: tabs are not allowed as indentation"],
    ["- a\n", "compose.yaml:1:1: expected a map, found a list"],
    ["secret", "compose.yaml:1:1: expected a map, found a single value"],
    ["services: [web]", 'compose.yaml:1:11: "services": expected a map, found a list'],
    ["services:\n  web: secret", 'compose.yaml:2:8: "web": expected a map, found a single value'],
    ["services: {a: *x}", 'compose.yaml:1:15: unknown alias "*x"; expected an anchor "&x" above'],
    ["services: {a: {}, a: {}}", 'compose.yaml:1:19: "a" already exists on line 1'],
    ["services: {a: {}}\n---\nservices: {}", 'compose.yaml:2:1: expected one document, found a second one after "---"'],
    ["services: {a: {environment: {? [b] : c}}}", "compose.yaml:1:32: expected a string as key"],
  ])("reports the position in %j", (text, message) =>
    expect(problem(text)).toMatchObject({ code: "bad-compose", kind: "usage", message }),
  );

  test("rejects bytes that are not UTF-8", () =>
    expect(problem(Buffer.from([0x61, 0xff]))).toMatchObject({
      code: "not-text",
      message: "compose.yaml:1: expected text in UTF-8, found bytes that are not UTF-8",
    }));
});
