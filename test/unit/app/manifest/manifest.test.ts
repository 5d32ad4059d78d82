import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const parse = (text: string) => parseManifest(Buffer.from(text), "/srv/oneoff.yaml", {});
const only = (text: string) => parse(`apps: {a: {image: i, ${text}}}`).apps.get("a");

/** Each mistake without the name of the file. */
function mistakes(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).toMatchObject({ code: "bad-manifest", kind: "usage" });
    return (error as Error).message.split("\n").map((line) => line.replace(/^\/srv\/oneoff\.yaml:(?=\d| )/, ""));
  }
  return [];
}

test("reads all apps of a manifest", () =>
  expect(
    parse(`
# two apps
apps:
  my-app:
    image: registry.example:5000/my/app:v1@sha256:0123
    env:
      RAILS_ENV: production
      PORT: 5000
    procfile:
      web: bundle exec puma
      console: "bin/rails console"
  other.app_2:
    from: dokku:other
    env: [A=b=c, "D= e "]
    procfile: config/Procfile
`),
  ).toEqual({
    apps: new Map<string, unknown>([
      [
        "my-app",
        {
          image: "registry.example:5000/my/app:v1@sha256:0123",
          env: new Map([
            ["RAILS_ENV", "production"],
            ["PORT", "5000"],
          ]),
          procfile: new Map([
            ["web", "bundle exec puma"],
            ["console", "bin/rails console"],
          ]),
          warnings: [],
        },
      ],
      [
        "other.app_2",
        {
          from: "dokku:other",
          env: new Map([
            ["A", "b=c"],
            ["D", " e "],
          ]),
          procfile: { path: "/srv/config/Procfile" },
          warnings: [],
        },
      ],
    ]),
  }));

test.each(["", "\n\n", "~", "# nothing\n", "---\n", "{}", "apps: {}", "\uFEFF"])(
  "reads %j as a manifest without apps",
  (text) => expect(parse(text)).toEqual({ apps: new Map() }),
);

test.each([
  "apps: {a: {image: i}}",
  "\uFEFFapps: {a: {image: i}}",
  "apps:\r\n  a:\r\n    image: i\r\n",
  "---\napps: {a: {image: i}}\n...\n",
  '{"apps": {"a": {"image": "i"}}}',
  "app: a\nimage: i",
  "image: i\napp: a",
  '{"image": "i", "app": "a"}',
])("reads an app from %j", (text) => expect([...parse(text).apps]).toEqual([["a", { image: "i", warnings: [] }]]));

test("keeps values of variables as they are written", () =>
  expect([
    ...(only("env: {A: 1.10, B: 010, C: True, D: no, E: 1e3, F: 0x1F, G: .inf, H: '', I: 2026-01-01, J: !!str 5}")
      ?.env ?? []),
  ]).toEqual(
    Object.entries({
      A: "1.10",
      B: "010",
      C: "True",
      D: "no",
      E: "1e3",
      F: "0x1F",
      G: ".inf",
      H: "",
      I: "2026-01-01",
      J: "5",
    }),
  ));

test("keeps names of variables as they are written, also names of object properties", () =>
  expect([...(only("env: {1.10: a, true: b, __proto__: c, constructor: d, 'é.x': e}")?.env ?? [])]).toEqual([
    ["1.10", "a"],
    ["true", "b"],
    ["__proto__", "c"],
    ["constructor", "d"],
    ["é.x", "e"],
  ]));

test("accepts the command `true` and a command of several lines", () =>
  expect(
    parse(
      "apps:\n  a:\n    image: i\n    procfile:\n      release: true\n      web: |\n        a\n        b\n",
    ).apps.get("a")?.procfile,
  ).toEqual(
    new Map([
      ["release", "true"],
      ["web", "a\nb\n"],
    ]),
  ));

test("resolves an alias to the last anchor of its name above it", () => {
  const { apps } = parse(
    "apps:\n  a: {image: i, env: &e {A: 1}}\n  b: {image: i, env: *e}\n  c: {image: i, env: &e {A: 2}}\n  d: {image: i, env: *e}\n",
  );
  expect([...apps.values()].map(({ env }) => env?.get("A"))).toEqual(["1", "1", "2", "2"]);
});

describe("reports mistakes", () => {
  test.each([
    ["[a]", "1:1: expected a map, found a list"],
    ["a", "1:1: expected a map, found a string"],
    ["aps: {}", '1:1: unknown key "aps"; did you mean "apps"?'],
    [
      "image: x",
      '1:1: "image" is a key of an app; put it below an app in "apps", or name the only app with "app: NAME"',
    ],
    ["app: {}\nimage: i", '1:6: "app": expected a string, found a map'],
    [
      "app: A\nimage: i",
      '1:6: "app": expected an app name: lower-case letters and digits, with ".", "_" or "-" between them',
    ],
    ["app: a", '1:1: "a": expected the key "image", "build" or "from"'],
    ["app: a\nimage: i\napps: {}", '3:1: "apps" cannot be used together with "app" on line 1'],
    ["apps: {}\nimage: i\napp: a", '3:1: "app" cannot be used together with "apps" on line 1'],
    ["app: a\nimage: i\nenvs: {}", '3:1: unknown key "envs"; did you mean "env"?'],
    ["services: {}", '1:1: unknown key "services"; expected "apps", "aliases" or "hosts"'],
    ["apps:", '1:1: "apps": expected a map, found nothing'],
    ["apps: ~", '1:7: "apps": expected a map, found nothing'],
    ["apps: [a]", '1:7: "apps": expected a map, found a list'],
    ["apps: {a: }", '1:8: "a": expected a map, found nothing'],
    ["apps: {a: x}", '1:11: "a": expected a map, found a string'],
    [
      "apps: {My App: {image: i}}",
      '1:8: "My App": expected an app name: lower-case letters and digits, with ".", "_" or "-" between them',
    ],
  ])("reports the mistake in %j", (text, mistake) => expect(mistakes(text)).toEqual([mistake]));

  test("reports all mistakes at once, in the order of the file", () =>
    expect(
      mistakes(`
apps:
  web:
    imag: x
    env:
      A:
      B: 1
      B: 2
  Web: 1
  web:
    image: []
  db:
    env:
      - A
      - B: c
top: 1
`),
    ).toEqual([
      '4:5: unknown key "imag"; did you mean "image"?',
      '6:7: "A": expected a value, found nothing; use "" for an empty value',
      '8:7: "B" already exists on line 7',
      '9:3: "Web": expected an app name: lower-case letters and digits, with ".", "_" or "-" between them',
      '9:8: "Web": expected a map, found a number',
      '10:3: "web" already exists on line 3',
      '13:5: "db": expected the key "image", "build" or "from"',
      '14:9: "env": expected NAME=VALUE in the list',
      '15:9: "env": expected a string, found a map',
      '16:1: unknown key "top"; expected "apps", "aliases" or "hosts"',
    ]));

  test.each([
    ["apps:\n\ta: {}\n", ["2:1: tabs are not allowed as indentation"]],
    ["apps:\r\n  a: {\r\n", ["3:1: flow map in block collection must be sufficiently indented and end with a }"]],
    ["apps: {a: {}}\n---\napps: {}\n", ['2:1: expected one document, found a second one after "---"']],
    [
      "apps: {a: {env: {A: 1}}}\nx: y: z\n'",
      [
        "2:4: nested mappings are not allowed in compact mappings",
        "3:1: implicit map keys need to be followed by map values",
      ],
    ],
    ["- a\nsecret: words\n", ["2:1: unexpected scalar at node end"]],
    ["]secret", ["1:1: unexpected flow-seq-end token in YAML document"]],
    ["%SECRET\n---\n{}", ["1:1: unknown directive"]],
  ])("reports only syntax errors, if there are any: %j", (text, lines) => expect(mistakes(text)).toEqual(lines));

  test("reports at most twenty mistakes", () => {
    const found = mistakes(Array.from({ length: 25 }, (_, n) => `key${n}: 1`).join("\n"));
    expect(found.slice(19)).toEqual([
      '20:1: unknown key "key19"; expected "apps", "aliases" or "hosts"',
      " and 5 more",
    ]);
  });

  test("reports mistakes behind an alias once, at the anchor", () =>
    expect(mistakes("apps: {a: &a {imag: x}, b: *a, c: *a}")).toEqual([
      '1:15: unknown key "imag"; did you mean "image"?',
    ]));
});

describe("rejects a hostile file", () => {
  test("rejects a file larger than 128 KiB", () => {
    expect(parse(`#${"x".repeat(128 * 1024 - 1)}`)).toEqual({ apps: new Map() });
    expect(mistakes(`#${"x".repeat(128 * 1024)}`)).toEqual([" the file has 131073 bytes; the maximum is 131072"]);
  });

  test.each([
    ["apps:\n  \xff", "oneoff.yaml:2: expected text in UTF-8, found bytes that are not UTF-8"],
    ["apps:\n\n\0", "oneoff.yaml:3: expected text in UTF-8, found a NUL byte"],
  ])("rejects a file that is not text: %j", (bytes, message) =>
    expect(() => parseManifest(Buffer.from(bytes, "latin1"), "oneoff.yaml", {})).toThrow(
      expect.objectContaining({ code: "not-text", message }),
    ),
  );

  test("rejects deep nesting", () => {
    expect(mistakes(`apps: ${"[".repeat(40)}${"]".repeat(40)}`)).toEqual([
      '1:7: "apps": expected a map, found a list',
      "1:39: nested too deep: the maximum is 32 levels",
    ]);
    expect(mistakes("[".repeat(20_000))).toEqual([
      expect.stringMatching(/^1:\d+: nested too deep: the maximum is 32 levels$/),
    ]);
  });

  test("rejects an alias inside its own anchor", () =>
    expect(mistakes("apps: {a: {env: &e {A: *e}, image: i}}")).toEqual([
      "1:20: nested too deep: the maximum is 32 levels",
      '1:24: "A": expected a string, found a map',
    ]));

  test("rejects aliases that multiply", () => {
    const levels = Array.from({ length: 8 }, (_, n) => `  l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`)}]`);
    expect(mistakes(`apps:\n  l0: &l0 [x]\n${levels.join("\n")}\n`)).toContainEqual(
      expect.stringMatching(
        /^\d+:\d+: aliases expand to too much text: the maximum is 10000 values of 100 characters$/,
      ),
    );
    const long = `x: &x "${"y".repeat(100_000)}"\nz: [${Array(100).fill("*x")}]`;
    expect(mistakes(long)).toContainEqual(expect.stringMatching(/^1:7: aliases expand to too much text/));
  });
});
