import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { Inherited } from "../../../../src/app/env.ts";
import { initManifest } from "../../../../src/app/init/init.ts";
import { parseCompose } from "../../../../src/app/init/init-compose.ts";
import type { EngineApp, InitFindings } from "../../../../src/app/init/init-draft.ts";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

type Findings = Omit<Partial<InitFindings>, "compose"> & { compose?: string };

const init = ({ compose, ...given }: Findings = {}) =>
  initManifest({
    folderName: "shop",
    apps: [],
    ...given,
    ...(compose !== undefined && {
      compose: parseCompose(Buffer.from(compose), "/srv/compose.yaml", {
        file: "compose.yaml",
        folderName: "shop",
        variables: {},
      }),
    }),
  });

/** What oneoff reads in what is written: an app has what was given, and no warnings. */
const readBack = (text: string, variables: Inherited = {}) =>
  new Map(
    Array.from(parseManifest(Buffer.from(text), "/srv/oneoff.yaml", variables).apps, ([name, { warnings, ...app }]) => {
      expect(warnings).toEqual([]);
      return [name, app];
    }),
  );

function apps(given: Findings, variables?: Inherited) {
  const { text, apps } = init(given);
  const found = readBack(text, variables);
  expect([...found.keys()]).toEqual(apps);
  return Object.fromEntries(found);
}

const app = (pick: string, given: Partial<EngineApp> = {}): EngineApp => ({
  pick,
  name: pick.replace(/^.*:/, ""),
  image: "image:v1",
  running: true,
  ...given,
});

/** With one level of comments taken away, below the lines that begin with this. */
const uncommented = (text: string, from: string) => {
  const at = text.indexOf(from);
  return text.slice(0, at) + text.slice(text.indexOf("\n", at) + 1).replaceAll(/^( *)# /gm, "$1");
};

describe("of a Compose file", () => {
  const compose = `
services:
  web:
    image: shop/web:\${TAG:-v1}
    environment: {RAILS_ENV: production, PRICE: 5$$, KEY: }
    env_file: [.env, live.env]
    volumes: ["db:/data", "./config:/config:ro", {type: bind, source: keys, target: /keys, read_only: true}]
    networks: [front, default]
    user: 1000:1000
    working_dir: /app
    entrypoint: [/bin/run, $$HOME]
    init: false
    ports: ["80:80"]
  worker:
    build: {context: ./worker, dockerfile: Dockerfile.live, target: live, args: {A: 1}}
`;

  test("each service is an app, with all that oneoff.yaml has words for", () =>
    expect(apps({ compose }, { KEY: "secret" })).toEqual({
      web: {
        image: "shop/web:v1",
        env: new Map([
          ["RAILS_ENV", "production"],
          ["PRICE", "5$"],
          ["KEY", "secret"],
        ]),
        envFiles: ["/srv/.env", "/srv/live.env"],
        binds: ["shop_db:/data", "/srv/config:/config:ro"],
        mounts: [{ type: "bind", source: "/srv/keys", target: "/keys", readOnly: true }],
        networks: ["shop_front", "shop_default"],
        user: "1000:1000",
        workdir: "/app",
        entrypoint: ["/bin/run", "$HOME"],
        init: false,
      },
      worker: {
        build: {
          context: "/srv/worker",
          dockerfile: "Dockerfile.live",
          target: "live",
          args: new Map([["A", "1"]]),
        },
        networks: ["shop_default"],
      },
    }));

  test("a service with a container is a copy of that, and other apps that run are comments", () => {
    const deployed = [
      app("compose:shop/web"),
      app("compose:other/worker", { name: "other/worker" }),
      app("dokku:web", { image: "dokku/web:latest" }),
      app("dokku:gone", { running: false }),
    ];
    const given = { compose, apps: deployed };
    expect(apps(given)).toMatchObject({ web: { from: "compose:shop/web" }, worker: {} });
    const { text } = init(given);
    expect(
      text,
    ).toBe(`# oneoff.yaml: the apps that oneoff knows here and in the folders below, written by "oneoff init".
# Everything it can say: oneoff help config

apps:
  # Service "web" of compose.yaml: a copy of its container.
  web:
    from: compose:shop/web

  # Service "worker", as compose.yaml has it.
  worker:
    build:
      context: ./worker
      dockerfile: Dockerfile.live
      target: live
      args:
        A: "1"
    networks:
      - shop_default

  # These run on the engine too. Uncomment one to have it as an app here.
  # other-worker: # A copy of the container that runs "image:v1".
  #   from: compose:other/worker
  # web-2: # A copy of the container that runs "dokku/web:latest".
  #   from: dokku:web
`);
    expect(Object.fromEntries(readBack(uncommented(text, "  # These run")))).toMatchObject({
      web: { from: "compose:shop/web" },
      "other-worker": { from: "compose:other/worker" },
      "web-2": { from: "dokku:web" },
    });
  });

  test("what is to be known of variables is in a comment, where there are any", () => {
    const variables = "# Variables such as $NAME";
    const { text } = init({ compose });
    expect(text).toContain(variables);
    const plain = init({
      compose: "services: {web: {image: i, environment: {A: $$, B: a$$b}, entrypoint: [$$A]}}",
    }).text;
    expect(plain).not.toContain(variables);
  });

  test("a Procfile belongs to what is built from the folder, with a container and without", () => {
    const given = {
      compose: "services: {web: {build: .}, job: {build: ., image: i}, db: {image: j}, other: {build: ./other}}",
      procfile: { types: ["web", "console"] },
    };
    const procfile = { path: "/srv/Procfile" };
    expect(apps(given)).toMatchObject({
      web: { build: { context: "/srv" }, procfile },
      job: { image: "i", procfile },
      db: { image: "j" },
      other: {},
    });
    expect(apps({ ...given, apps: [app("compose:shop/web")] }).web).toEqual({ from: "compose:shop/web", procfile });
    const { db, other } = apps(given);
    expect([db, other].map((one) => one?.procfile)).toEqual([undefined, undefined]);
    expect(init(given).text).toContain("Process types of the Procfile: web, console.\n");
  });

  test("names that no app can have become ones that it can", () =>
    expect(
      Object.keys(apps({ compose: "services: {Web: {image: a}, web: {image: b}, _x_: {image: c}, '': {image: d}}" })),
    ).toEqual(["web-2", "web", "x", "app"]));

  test("what cannot be said is named in a comment, without its value", () => {
    const given = {
      compose: `
services:
  web:
    image: i
    user: "a b"
    working_dir: app
    entrypoint: [a, $B]
    environment: {"A B": secret-1, OK: yes, BAD: "secret-2$", x.y: }
    env_file: [{path: maybe.env, required: false}]
    volumes: ["a:/b:secret", "a:b"]
    network_mode: service:db
    init: perhaps
  base: {extends: other}
  remote: {build: https://example.org/x.git}
  upper: {image: "Not An Image"}
`,
    };
    expect(apps(given)).toEqual({ web: { image: "i", env: new Map([["OK", "yes"]]) } });
    const { text } = init(given);
    expect(text).not.toMatch(/secret-/);
    expect(text.split("\n").filter((line) => line.includes("Left out"))).toEqual([
      '# Left out, as oneoff.yaml has no words for where they come from: "base", "remote", "upper"',
      '    # Left out, as oneoff.yaml has no words for it: env "A B", env "BAD", env "x.y", env-file "maybe.env", networks "service:db", mounts "/b", mounts "b", user, workdir, entrypoint, init',
    ]);
  });

  test("one part that cannot be said takes nothing else with it", () =>
    expect(apps({ compose: "services: {a: {image: 'N O'}, b: {image: i, networks: ['!', ok]}}" })).toEqual({
      b: { image: "i", networks: ["shop_ok"] },
    }));

  test("nor do things that cannot be together take each other with them", () => {
    const given = {
      compose: `
services:
  a: {image: i, env_file: [.env, ./.env, other.env]}
  b: {image: i, networks: [h, n]}
  c: {image: i, volumes: ["\${A}:\${TO_A}", "\${B}:\${TO_B}", "\${C}:\${TO_A}:ro", "\${to_a}:\${to_a}"]}
networks: {h: {name: host}}
`,
    };
    const variables = { A: "a", B: "b", C: "c", TO_A: "/1", TO_B: "/2", to_a: "/3" };
    expect(apps(given, variables)).toMatchObject({
      a: { envFiles: ["/srv/.env", "/srv/other.env"] },
      b: { networks: ["host"] },
      c: { binds: ["c:/1:ro", "b:/2", "/3:/3"] },
    });
    expect(init(given).text.match(/Left out.*: (.*)/g)).toEqual([
      'Left out, as oneoff.yaml has no words for it: env-file "./.env"',
      'Left out, as oneoff.yaml has no words for it: networks "shop_n"',
    ]);
  });

  test("limits are kept where oneoff.yaml can say them", () => {
    const limits = `mem_limit: 64m, cpus: 0.5, pids_limit: "\${PIDS}"`;
    const given = { compose: `services: {a: {image: i, ${limits}, links: [b]}}` };
    expect(apps(given)).toMatchObject({ a: { run: { memory: 2 ** 26, nanoCpus: 5e8 } } });
    expect(init(given).text).toContain('no words for it: run "pids-limit", links\n');
  });

  test("without a service that can be said, the Dockerfile is next, and the engine after it", () => {
    const broken = "services: {base: {extends: x}}";
    expect(apps({ compose: broken, dockerfile: true })).toEqual({ shop: { build: { context: "/srv" } } });
    expect(apps({ compose: broken, apps: [app("dokku:a")] })).toEqual({ a: { from: "dokku:a" } });
    expect(apps({ compose: broken })).toEqual({});
    for (const dockerfile of [true, false]) expect(init({ compose: broken, dockerfile }).text).toContain(': "base"\n');
  });
});

describe("is equal to what was found, whatever that is:", () => {
  const HOSTILE = [
    "",
    " ",
    " a ",
    "a'b",
    'a"b',
    `'a' "b"`,
    '{"a": ["b", {"c": 1}]}',
    "a: b",
    "a # b",
    "# a",
    "- a",
    "? a",
    "[a",
    "{a",
    "*a",
    "&a",
    "!a",
    "!!str a",
    "|",
    ">",
    "%a",
    "@a",
    "`a`",
    "---",
    "...",
    "~",
    "null",
    "true",
    "no",
    "1",
    "0x1F",
    "1.10",
    "2026-01-01",
    "12:30:00",
    "<<",
    "=",
    "a\\nb",
    "a\nb",
    "a\n",
    "\na",
    "\n\n",
    "  a\n b\n\tc\n",
    "-----BEGIN KEY-----\nabc+/=\n-----END KEY-----\n",
    "a\r\nb",
    "a\tb",
    "\u0001\u001b[31m\u007f\u0085",
    "\u2028\u2029\ufeff\u00a0",
    "é ü 日本 🙂",
    "a".repeat(200),
    `${"word ".repeat(60)}end`,
    "}",
    ":",
    "a:",
    ",",
  ];

  test("is written without anything that a terminal acts on", () => {
    const texts = [...HOSTILE, "\u202e\u2066", "\u009b2J", "\x7f"].map((text) => text.replaceAll("$", ""));
    const environment = Object.fromEntries(texts.map((value, index) => [`V${index}`, value]));
    const service = { image: "i", environment, volumes: ["./\u202ea:/\x9b"], command: texts };
    const compose = JSON.stringify({ services: { web: service, "\u202ex\x1b": { image: "i\u202e" } } });
    expect(init({ compose }).text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  });

  test("values of variables", () => {
    const environment = Object.fromEntries(HOSTILE.map((value, index) => [`V${index}`, value]));
    const compose = JSON.stringify({ services: { web: { image: "i", environment } } });
    expect(apps({ compose }).web?.env).toEqual(new Map(Object.entries(environment)));
  });

  test("values of variables in a list", () => {
    const environment = HOSTILE.map((value, index) => `V${index}=${value}`);
    const compose = JSON.stringify({ services: { web: { image: "i", environment } } });
    expect(apps({ compose }).web?.env).toEqual(new Map(HOSTILE.map((value, index) => [`V${index}`, value])));
  });

  test("names of variables", () => {
    const names = HOSTILE.filter((name) => /^[^\s=]+$/.test(name) && name !== "<<").concat("__proto__", "$A", "a$$b");
    const environment = names.map((name) => `${JSON.stringify(name)}: a`).join(", ");
    const compose = `{services: {web: {image: i, environment: {${environment}}}}}`;
    expect(apps({ compose }).web?.env).toEqual(new Map(names.map((name) => [name, "a"])));
  });

  test("words of an entrypoint", () => {
    const words = HOSTILE.concat("$$", "$$A", "a$$$$b");
    const compose = JSON.stringify({ services: { web: { image: "i", entrypoint: words } } });
    expect(apps({ compose }).web?.entrypoint).toEqual(words.map((word) => word.replaceAll("$$", "$")));
  });

  test("paths", () => {
    const paths = HOSTILE.filter((path) => path.trim() !== "" && !path.startsWith("/")).map((path) => `./x${path}`);
    const compose = JSON.stringify({ services: { web: { image: "i", env_file: paths, working_dir: "/a: #'\"\n" } } });
    expect(apps({ compose }).web).toMatchObject({
      envFiles: paths.map((path) => `/srv/${path.slice(2)}`),
      workdir: "/a: #'\"\n",
    });
  });

  test("variables, with the value that Compose gives them", () => {
    const values = [
      "$A",
      `\${A}`,
      `\${B:-b: #}`,
      `\${B-\${A}}`,
      `\${A:?"why": not}`,
      `\${A:+x}`,
      "$$A",
      "$$$A",
      `a$\${b`,
    ];
    const environment = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
    const compose = JSON.stringify({ services: { web: { image: "i", environment } } });
    expect([...(apps({ compose }, { A: "1" }).web?.env?.values() ?? [])]).toEqual([
      ...["1", "1", "b: #", "1", "1", "x", "$A", "$1", `a\${b`],
    ]);
  });

  test("names of services and images, in comments too", () => {
    const names = HOSTILE.filter((name) => name !== "<<");
    const services = Object.fromEntries(names.map((name) => [name, { image: "i" }]));
    const bad = Object.fromEntries(names.map((name) => [`${name}!`, { image: "I" }]));
    const found = apps({
      compose: JSON.stringify({ services: { ...services, ...bad } }),
      apps: names.map((name, index) => app(`dokku:a${index}`, { name, image: name })),
    });
    expect(Object.values(found)).toEqual(names.map(() => ({ image: "i", networks: ["shop_default"] })));
    const others = init({
      dockerfile: true,
      apps: ["$&", "$'", ...names].map((image) => app(`dokku:${image.length}`, { image })),
    });
    expect(others.text).toContain('that runs "$&".\n');
    expect(others.text).toContain('that runs "$\'".\n');
  });

  test("names of folders and of apps on the engine", () => {
    for (const name of HOSTILE) {
      expect(Object.values(apps({ folderName: name, dockerfile: true }))).toEqual([{ build: { context: "/srv" } }]);
      expect(apps({ folderName: name })).toEqual({});
    }
    const deployed = HOSTILE.map((name, index) => app(`dokku:a${index}`, { name, image: name }));
    const found = readBack(init({ apps: deployed }).text);
    expect([...found.values()]).toEqual(deployed.map(({ pick }) => ({ from: pick })));
    expect(apps({ apps: HOSTILE.map((name) => app(`container:${name} x`)) })).toEqual({});
  });
});

describe("of a Dockerfile", () => {
  test("one app is built, named after the folder", () => {
    expect(apps({ folderName: "My Shop", dockerfile: true })).toEqual({ "my-shop": { build: { context: "/srv" } } });
    expect(init({ dockerfile: true }).text).toContain("  # Built from the Dockerfile here.\n  shop:\n    build: .\n");
  });
  test("with the Procfile beside it", () =>
    expect(apps({ dockerfile: true, procfile: { types: ["web"] } })).toEqual({
      shop: { build: { context: "/srv" }, procfile: { path: "/srv/Procfile" } },
    }));
  test("other apps that run are comments", () => {
    const { text, apps: names } = init({
      dockerfile: true,
      apps: [app("dokku:shop"), app("dokku:b", { running: false })],
    });
    expect(names).toEqual(["shop"]);
    expect([...readBack(uncommented(text, "  # These run"))]).toEqual([
      ["shop", { build: { context: "/srv" } }],
      ["shop-2", { from: "dokku:shop" }],
    ]);
  });
});

describe("of the engine alone", () => {
  test("each app is a copy, running or not, and the folder's own has the Procfile", () => {
    const deployed = [
      app("compose:a/web", { name: "a/web", image: "a:1" }),
      app("container:plain", { running: false, image: "b:2" }),
      app("dokku:shop"),
    ];
    const given = { apps: deployed, procfile: { types: ["web"] } };
    expect(apps(given)).toEqual({
      "a-web": { from: "compose:a/web" },
      plain: { from: "container:plain" },
      shop: { from: "dokku:shop", procfile: { path: "/srv/Procfile" } },
    });
    const { text } = init(given);
    expect(text).toContain('# A copy of the container that runs "a:1".\n  a-web:');
    expect(text).toContain('# A copy of a container, not running now, of "b:2".\n  plain:');
    expect(text).not.toContain("These run");
  });
});

describe("of nothing", () => {
  test("an example is written, all of it a comment", () => {
    const { text, apps: names } = init({ folderName: "My Shop" });
    expect(names).toEqual([]);
    expect(text).toContain("# Nothing was found to fill it with. An example:\n");
    expect(text).toMatch(/^(?:#.*\n|\n)+$/);
    expect([...readBack(text)]).toEqual([]);
  });
  test("which is an app without its comment signs", () => {
    const example = uncommented(init({ folderName: "My Shop" }).text, "# Nothing was found");
    expect(Object.fromEntries(readBack(example))).toMatchObject({
      "my-shop": {
        image: "registry.example/shop:latest",
        procfile: new Map([
          ["web", expect.any(String)],
          ["console", expect.any(String)],
        ]),
      },
    });
  });
  test("with the Procfile, if there is one", () => {
    const example = uncommented(init({ procfile: { types: ["web"] } }).text, "# Nothing was found");
    expect(readBack(example).get("shop")?.procfile).toEqual({ path: "/srv/Procfile" });
  });
});
