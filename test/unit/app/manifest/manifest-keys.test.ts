// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const env = { HOME: "/home/me", TAG: "v7", TWO: "2", YES: "true", EMPTY: "" };
const MiB = 2 ** 20;

function app(text: string, variables: Record<string, string> = env) {
  const { warnings: _, ...rest } = parseManifest(
    Buffer.from(`{app: a, ${text}}`),
    "/srv/shop/oneoff.yaml",
    variables,
  ).apps.get("a") ?? { warnings: [] };
  return rest;
}

/** Each mistake without its position. */
function mistakes(text: string, variables: Record<string, string> = env): string[] {
  try {
    app(text, variables);
  } catch (error) {
    expect(error).toMatchObject({ code: "bad-manifest", kind: "usage" });
    return (error as Error).message.split("\n").map((line) => line.replace(/^\/srv\/shop\/oneoff\.yaml:1:\d+: /, ""));
  }
  return [];
}

describe("reads the source of the image", () => {
  test.each([
    ["image: a"],
    ["image: 'registry:5000/a/b_c-d.e:V1.0'"],
    ["image: '[::1]:5000/a'"],
    ["image: 'localhost/a__b@sha256:0aF'"],
    [`image: 'sha256:${"0".repeat(64)}'`],
  ])("reads an image reference: %s", (text) => expect(app(text)).toEqual({ image: text.replace(/image: |'/g, "") }));

  test.each([
    ["image: a:$TAG", { image: "a:v7" }],
    ["from: 'compose:shop/web'", { from: "compose:shop/web" }],
    ["from: 'container:my_app.1'", { from: "container:my_app.1" }],
    ["from: 'dokku:app', image: b", { from: "dokku:app", image: "b" }],
    ["build: .", { build: { context: "/srv/shop" } }],
    ["build: ../other", { build: { context: "/srv/other" } }],
    ["build: ~/src", { build: { context: "/home/me/src" } }],
    ["build: {}", { build: { context: "/srv/shop" } }],
    [
      "build: {context: /src, dockerfile: docker/Dockerfile, target: x, args: [A=1]}",
      { build: { context: "/src", dockerfile: "docker/Dockerfile", target: "x", args: new Map([["A", "1"]]) } },
    ],
  ])("reads the source %s", (text, expected) => expect(app(text)).toEqual(expected));

  test.each([
    ["env: {}", '"a": expected the key "image", "build" or "from"'],
    ["image: i, build: .", '"build" cannot be used together with "image" on line 1'],
    ["build: ., from: 'dokku:x'", '"from" cannot be used together with "build" on line 1'],
    ["from: web", '"from": expected a source such as "compose:shop/web", "container:NAME" or "dokku:APP"'],
    ["from: 'heroku:web'", '"from": expected a source such as "compose:shop/web", "container:NAME" or "dokku:APP"'],
    ["build: [.]", '"build": expected a string or a map, found a list'],
    ["build: ''", '"build": expected the path of a folder'],
    ["build: {dockerfile: ''}", '"dockerfile": expected the path of a Dockerfile'],
    ["build: {file: x}", 'unknown key "file"; expected "context", "dockerfile", "target" or "args"'],
    ["build: {target: a b}", '"target": expected one word, without white space'],
    ["imgae: x", 'unknown key "imgae"; did you mean "image"?'],
    ["Image: x", 'unknown key "Image"; did you mean "image"?'],
    ["image: 5", '"image": expected a string, found a number'],
    ["image: true", '"image": expected a string, found true or false'],
    ["image: ", '"image": expected a string, found nothing'],
    ...["a b", "''", "'Shop:v1'", "'a:'", "'a:${NONE}'", "'/a'", `'${"a".repeat(600)}'`].map((image) => [
      `image: ${image}`,
      '"image": expected an image reference such as "registry.example/shop:v1"',
    ]),
  ])("rejects the source {%s}", (text, mistake) => expect(mistakes(text as string)).toEqual([mistake]));
});

describe("reads the other keys of an app", () => {
  const SIZE = "a size such as 512m or 2g";
  const DURATION = "a duration such as 90s, 10m or 1h30m, at most 24d";

  test.each([
    ["env-file: .env", { envFiles: ["/srv/shop/.env"] }],
    ["env-file: [.env, ~/b, /c, '$TAG.env']", { envFiles: ["/srv/shop/.env", "/home/me/b", "/c", "/srv/shop/v7.env"] }],
    ["procfile: config/Procfile", { procfile: { path: "/srv/shop/config/Procfile" } }],
    [
      "procfile: {web: 'a $PORT $$ ${X', b: 5}",
      {
        procfile: new Map([
          ["web", "a $PORT $$ ${X"],
          ["b", "5"],
        ]),
      },
    ],
    ["app-json: a/app.json", { appJson: "/srv/shop/a/app.json" }],
    ["networks: [a, b_1.c-d]", { networks: ["a", "b_1.c-d"] }],
    ["networks: [host]", { networks: ["host"] }],
    ["networks: ['container:x']", { networks: ["container:x"] }],
    ["user: 1000", { user: "1000" }],
    ["user: 'app:1000'", { user: "app:1000" }],
    ["workdir: /app", { workdir: "/app" }],
    ["entrypoint: '/bin/x --y \"a b\"'", { entrypoint: ["/bin/x", "--y", "a b"] }],
    ["entrypoint: [sh, -c, 'exec $0', 5]", { entrypoint: ["sh", "-c", "exec $0", "5"] }],
    ["entrypoint: ''", { entrypoint: [""] }],
    ["entrypoint: []", { entrypoint: [""] }],
    ["shell: /bin/bash", { shell: "/bin/bash" }],
    ["init: false", { init: false }],
    ["init: '${YES}'", { init: true }],
    ["run: {}", { run: {} }],
    [
      "run: {memory: 512m, cpus: 1.5, pids-limit: 100, timeout: 1h30m, log: local}",
      {
        run: {
          memory: 512 * MiB,
          nanoCpus: 1.5e9,
          pidsLimit: 100,
          timeout: 5400,
          log: { driver: "local", options: new Map() },
        },
      },
    ],
    ["run: {memory: 1073741824, cpus: $TWO, timeout: 90}", { run: { memory: 2 ** 30, nanoCpus: 2e9, timeout: 90 } }],
    [
      "run: {log: {driver: json-file, options: {max-size: 10m, max-file: 2}}}",
      {
        run: {
          log: {
            driver: "json-file",
            options: new Map([
              ["max-size", "10m"],
              ["max-file", "2"],
            ]),
          },
        },
      },
    ],
    [
      "sizes: {S: 1g, huge: {memory: 4g, cpus: 2}, m: {memory: 1g}}",
      {
        sizes: new Map([
          ["S", { memory: 2 ** 30 }],
          ["huge", { memory: 2 ** 32, nanoCpus: 2e9 }],
          ["m", { memory: 2 ** 30 }],
        ]),
      },
    ],
    [
      "sizes: {huge: 4g}, formation: {web: 2, a: 0, worker: {quantity: $TWO, size: huge}, b: {size: XL}, c: {size: $TAG}}",
      {
        sizes: new Map([["huge", { memory: 2 ** 32 }]]),
        formation: new Map<string, unknown>([
          ["web", { quantity: 2 }],
          ["a", { quantity: 0 }],
          ["worker", { quantity: 2, size: "huge" }],
          ["b", { quantity: 1, size: "XL" }],
          ["c", { quantity: 1, size: "v7" }],
        ]),
      },
    ],
  ])("reads the key %s", (text, expected) => expect(app(`image: i, ${text}`)).toEqual({ image: "i", ...expected }));

  test.each([
    [
      "volumes: x",
      'unknown key "volumes"; expected "image", "build", "from", "env", "env-file", "procfile", "app-json", "networks", "mounts", "user", "workdir", "entrypoint", "shell", "init", "run", "sizes", "formation", "phase-timeout", "cron", "processes", "swarm", "secrets" or "configs"',
    ],
    ["env_file: x", 'unknown key "env_file"; did you mean "env-file"?'],
    ["network: x", 'unknown key "network"; did you mean "networks"?'],
    ["procfiles: x", 'unknown key "procfiles"; did you mean "procfile"?'],
    ["env: secret", '"env": expected a map or a list, found a string'],
    ["env: {A: [secret]}", '"A": expected a string, found a list'],
    ["env: {A: }", '"A": expected a value, found nothing; use "" for an empty value'],
    ["env: {A: null}", '"A": expected a value, found nothing; use "" for an empty value'],
    ['env: {A: "secret\\0"}', '"A": expected a value without NUL characters'],
    ["env: {A B: secret}", '"A B": expected the name of a variable, without "=" and white space'],
    ["env: {A=: secret}", '"A=": expected the name of a variable, without "=" and white space'],
    ["env: {'': secret}", '"": expected the name of a variable, without "=" and white space'],
    ["env: []", '"env": expected at least one item'],
    ["env: [secret]", '"env": expected NAME=VALUE in the list'],
    ["env: [=secret]", '"env": expected NAME=VALUE in the list'],
    ["env: ['A B=secret']", '"env": expected NAME=VALUE in the list'],
    ['env: ["A=secret\\0"]', '"env": expected NAME=VALUE in the list'],
    ["env: [A: secret]", '"env": expected a string, found a map'],
    ["env: [5]", '"env": expected a string, found a number'],
    ["env: [A=secret, B=, A=secret]", '"A" is in the list twice'],
    ["env-file: {}", '"env-file": expected a string or a list, found a map'],
    ["env-file: []", '"env-file": expected at least one item'],
    ["env-file: ['']", '"env-file": expected the path of a file of variables'],
    ["env-file: [a, ./a]", '"/srv/shop/a" is in the list twice'],
    ["procfile: [web]", '"procfile": expected a map or a string, found a list'],
    ["procfile: ''", '"procfile": expected the path of a Procfile'],
    ["procfile: {web: }", '"web": expected a string, found nothing'],
    ["procfile: {web: ' '}", '"web": expected a command'],
    ['procfile: {web: "secret\\0"}', '"web": expected a command'],
    ["procfile: {my.web: x}", '"my.web": expected a process type: at most 63 letters, digits, "-" and "_"'],
    ["app-json: {}", '"app-json": expected a string, found a map'],
    ["app-json: ''", '"app-json": expected the path of an app.json'],
    ["networks: a", '"networks": expected a list, found a string'],
    ["networks: []", '"networks": expected at least one item'],
    ["networks: [a b]", '"networks": expected the name of a network'],
    ["networks: [a, a]", '"a" is in the list twice'],
    ["networks: [a, host]", '"networks": the network "host" cannot be used together with other networks'],
    ["user: 'a:b:c'", '"user": expected USER or USER:GROUP, names or numbers'],
    ["workdir: app", '"workdir": expected an absolute path in the container'],
    [
      "entrypoint: 'a && b'",
      '"entrypoint": expected words without shell syntax; for a shell, write a list: [sh, -c, …]',
    ],
    ["entrypoint: 'a $B'", '"entrypoint": expected words without shell syntax; for a shell, write a list: [sh, -c, …]'],
    ["entrypoint: {}", '"entrypoint": expected a string or a list, found a map'],
    ["entrypoint: [[]]", '"entrypoint": expected a string, found a list'],
    ["shell: 'bash -l'", '"shell": expected the name or path of a shell such as "bash"'],
    ["init: yes", '"init": expected true or false'],
    ["init: 1", '"init": expected true or false, found a number'],
    ["run: 5", '"run": expected a map, found a number'],
    [
      "run: {mem: 5}",
      'unknown key "mem"; expected "memory", "cpus", "pids-limit", "timeout", "log", "add-host", "cap-add", "cap-drop", "device", "dns", "gpus", "group-add", "hostname", "ipc", "platform", "privileged", "read-only", "security-opt", "shm-size", "stop-signal", "tmpfs" or "ulimit"',
    ],
    ["run: {memory: 5x}", `"memory": expected ${SIZE}`],
    ["run: {memory: [5]}", `"memory": expected ${SIZE}, found a list`],
    ["run: {cpus: 0}", '"cpus": expected a number of processors such as 0.5 or 2'],
    ["run: {pids-limit: 1.5}", '"pids-limit": expected a whole number such as 100'],
    ["run: {timeout: 10 m}", `"timeout": expected ${DURATION}`],
    ["run: {timeout: 25d}", `"timeout": expected ${DURATION}`],
    ["run: {log: a b}", '"log": expected one word, without white space'],
    ["run: {log: {}}", '"log": expected the key "driver"'],
    ["run: {log: {driver: x, options: {a: []}}}", '"a": expected a string, found a list'],
    ["sizes: [S]", '"sizes": expected a map, found a list'],
    ["sizes: {S: big}", `"S": expected ${SIZE}`],
    ["sizes: {S: []}", `"S": expected ${SIZE} or a map, found a list`],
    ["sizes: {S: {cpus: 1}}", '"S": expected the key "memory"'],
    ["sizes: {'a b': 1g}", '"a b": expected the name of a size, of letters and digits'],
    ["formation: {web: -1}", '"web": expected a whole number up to 9999'],
    ["formation: {web: 1.5}", '"web": expected a whole number up to 9999'],
    ["formation: {web: []}", '"web": expected a whole number up to 9999 or a map, found a list'],
    ["formation: {web: {size: XXL}}", 'unknown size "XXL"; did you mean "XL"?'],
    ["formation: {web: {size: huge}}", 'unknown size "huge"; expected "S", "M", "L" or "XL"'],
    ["formation: {web: {size: }}", '"size": expected a string, found nothing'],
    ["formation: {w.b: 1}", '"w.b": expected a process type: at most 63 letters, digits, "-" and "_"'],
    ["toString: x", expect.stringMatching(/^unknown key "toString"; expected "image"/)],
    ["<<: x", expect.stringMatching(/^unknown key "<<"; expected "image"/)],
    ["workdir: *x", 'unknown alias "*x"; expected an anchor "&x" above'],
    ["? [x] : y", "expected a string as key"],
    ["workdir: !secret x", "expected a plain value, found a tag"],
    ["workdir: !!binary secret", "expected a plain value, found a tag"],
    ["workdir: @secret", "plain value cannot start with reserved character @"],
    ['env: {A: "\\q-secret"}', "invalid escape sequence"],
  ])("rejects the key {%s}", (text, mistake) => {
    const found = mistakes(`image: i, ${text}`);
    expect(found).toEqual([mistake]);
    expect(found[0]).not.toMatch(/secret(?!s")/);
  });

  test("requires HOME only for paths that begin with it", () => {
    expect(mistakes("image: i, env-file: ~/x", {})).toEqual([
      '"env-file": "~" cannot be expanded: the variable "HOME" is not set',
    ]);
    expect(mistakes("image: i, mounts: ['~/x:/y']", {})).toEqual([
      '"mounts": "~" cannot be expanded: the variable "HOME" is not set',
    ]);
    expect(mistakes("image: i, mounts: [{source: ~, target: /y}]", {})).toEqual([
      '"source": expected a string, found nothing',
    ]);
    expect(mistakes("image: i, mounts: [{source: ~/x, target: /y}]", {})).toEqual([
      '"mounts": "~" cannot be expanded: the variable "HOME" is not set',
    ]);
    expect(app("image: i, env-file: ~x", {})).toEqual({ image: "i", envFiles: ["/srv/shop/~x"] });
  });
});

describe("reads mounts", () => {
  const bind = (text: string) => ({ binds: [text], mounts: [] });
  const mount = (mount: object) => ({ binds: [], mounts: [{ readOnly: false, ...mount }] });

  test.each([
    ["data:/data", bind("data:/data")],
    ["./a:/b:ro", bind("/srv/shop/a:/b:ro")],
    ["..:/b", bind("/srv:/b")],
    ["~/a:/b", bind("/home/me/a:/b")],
    ["~:/b:ro,z", bind("/home/me:/b:ro,z")],
    ["/a:/b", bind("/a:/b")],
    ["/anonymous", bind("/anonymous")],
    ["{source: data, target: /b}", mount({ type: "volume", source: "data", target: "/b" })],
    ["{target: /b}", mount({ type: "volume", target: "/b" })],
    [
      "{source: ./a, target: /b, read-only: true}",
      mount({ type: "bind", source: "/srv/shop/a", target: "/b", readOnly: true }),
    ],
    ["{type: bind, source: a, target: /b}", mount({ type: "bind", source: "/srv/shop/a", target: "/b" })],
    ["{source: ~/a, target: /b}", mount({ type: "bind", source: "/home/me/a", target: "/b" })],
    ["{type: tmpfs, target: /b}", mount({ type: "tmpfs", target: "/b" })],
  ])("reads the mount %s", (text, expected) =>
    expect(app(`image: i, mounts: [${text.startsWith("{") ? text : `'${text}'`}]`)).toEqual({
      image: "i",
      ...expected,
    }),
  );

  test.each([
    ["a", '"mounts": expected SOURCE:TARGET[:ro] with an absolute target'],
    ["'a:b'", '"mounts": expected SOURCE:TARGET[:ro] with an absolute target'],
    ["'/a:/b:or'", '"mounts": expected SOURCE:TARGET[:ro] with an absolute target'],
    ["'/a:/b:ro:z'", '"mounts": expected SOURCE:TARGET[:ro] with an absolute target'],
    ["5", '"mounts": expected a string or a map, found a number'],
    ["'a:/x', {target: /x}", '"/x" is in the list twice'],
    ["{}", '"mounts": expected the key "target"'],
    ["{target: x}", '"target": expected an absolute path in the container'],
    ["{target: /x, type: bind}", '"mounts": expected a source for a bind mount'],
    ["{target: /x, type: npipe}", '"type": expected "bind", "volume" or "tmpfs"'],
    ["{target: /x, readonly: true}", 'unknown key "readonly"; did you mean "read-only"?'],
    ["{target: /x, source: ''}", '"source": expected a path or the name of a volume'],
  ])("rejects the mounts [%s]", (text, mistake) => expect(mistakes(`image: i, mounts: [${text}]`)).toEqual([mistake]));
});

describe("interpolates variables", () => {
  const full = (text: string) =>
    parseManifest(Buffer.from(`apps:\n  a:\n    image: i\n    env: ${text}\n  b: {image: j}\n`), "/x.yaml", env).apps;

  test("replaces unset variables by empty values, with one warning per app", () => {
    const apps = full('{A: $NONE, B: "${NONE} $OTHER", C: "${NONE:-d}"}');
    expect([...(apps.get("a")?.env?.values() ?? [])]).toEqual(["", " ", "d"]);
    expect(apps.get("a")?.warnings).toEqual([
      '/x.yaml:4:14: the variable "NONE" is not set; an empty value is used',
      '/x.yaml:4:24: the variable "OTHER" is not set; an empty value is used',
    ]);
    expect(apps.get("b")?.warnings).toEqual([]);
  });

  test("interpolates values, not keys", () =>
    expect([...(full("{$TAG: $TAG}").get("a")?.env ?? [])]).toEqual([["$TAG", "v7"]]));

  test("interpolates values in a list", () =>
    expect([...(full('["A=${TAG}=$$"]').get("a")?.env ?? [])]).toEqual([["A", "v7=$"]]));

  test("reports invalid interpolations with their position", () =>
    expect(() => full("{A: 'a $ secret', B: '${EMPTY:?say it}'}")).toThrow(
      expect.objectContaining({
        message:
          '/x.yaml:4:14: "A": expected "$NAME" or "${NAME}" after "$"; write "$$" for a literal "$"\n' +
          '/x.yaml:4:31: "B": the variable "EMPTY" is not set or is empty: "say it"',
      }),
    ));
});
