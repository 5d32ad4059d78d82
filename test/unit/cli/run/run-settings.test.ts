import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { type RunFlags, runOptions } from "../../../../src/cli/run/run-options.ts";
import { toRunSettings } from "../../../../src/cli/run/run-settings.ts";
import type { RunOptions } from "../../../../src/oneoff/spec/options.ts";
import { fakeContext } from "../../../support/fake-context.ts";

const files: Record<string, string | Buffer> = {
  ".env": "A=file\nB=file\n",
  "more.env": "B=more\nC=more\nHOME\nNOT_HERE\n",
  "windows.env": "\uFEFFA=1\r\n\r\n# none\r\nB=2\r\n",
  "spaced.env": "\uFEFFA=1\r\nB =secret\r\n",
  "exported.env": "# for the shell\nexport TOKEN=secret\n",
  "nameless.env": "A=1\n=secret\n",
  "latin.env": Buffer.from("A=1\nB=\xe9\n", "latin1"),
  "nul.env": "A=1\nB=se\0cret\n",
};

const context = {
  ...fakeContext({ cwd: "/srv/shop", env: { HOME: "/home/me", EMPTY: "", UNSET: undefined } }),
  readFile(path: string) {
    const content = files[path];
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Buffer.from(content as string);
  },
};

const settings = (flags: RunFlags, args: readonly string[] = []) => {
  const { volume = [], mount = [] } = flags;
  const given = [...volume.map((value) => `--volume=${value}`), ...mount.map((value) => `--mount=${value}`)];
  return toRunSettings({ given, ...flags }, args, context);
};
const env = (flags: RunFlags) => [...settings(flags).options.env];

const NOTHING: RunOptions = {
  args: [],
  env: new Map(),
  labels: new Map(),
  detach: false,
  binds: [],
  mounts: [],
};

test("sets nothing without options", () =>
  expect(settings({}, ["ls", "-la"])).toEqual({
    pull: "never",
    files: [],
    secrets: [],
    detachKeys: Buffer.from([0x10, 0x11]),
    options: { ...NOTHING, args: ["ls", "-la"] },
  }));

const fields: [flags: RunFlags, options: Partial<RunOptions>][] = [
  // These options do not concern the container.
  [{ app: "x", image: "x", config: "x", phase: "x", print: "", quiet: true, host: "x", context: "x", help: true }, {}],
  [{ env: ["A=1", "B"] }, { env: new Map([["A", "1"]]), unset: ["B"] }],
  [
    { "env-file": ["windows.env"] },
    {
      env: new Map([
        ["A", "1"],
        ["B", "2"],
      ]),
    },
  ],
  [{ user: "1000:1000" }, { user: "1000:1000" }],
  [{ fetch: ["/app/out:./here"] }, { fetches: [{ source: "/app/out", target: "./here" }], force: false }],
  [
    { fetch: ["/app/out"], force: true },
    { fetches: [{ source: "/app/out", target: "." }], force: true },
  ],
  [{ workdir: "/srv" }, { workdir: "/srv" }],
  [{ workdir: "relative" }, { workdir: "relative" }],
  [{ entrypoint: "tini" }, { entrypoint: ["tini"] }],
  [{ entrypoint: "tini -g --" }, { entrypoint: ["tini", "-g", "--"] }],
  [{ entrypoint: "'/my entry' \"a b\"" }, { entrypoint: ["/my entry", "a b"] }],
  [{ entrypoint: "" }, { entrypoint: [""] }],
  [{ init: true }, { init: true }],
  [{ "no-init": true }, { init: false }],
  [{ tty: true }, { tty: true }],
  [{ "no-tty": true }, { tty: false }],
  [{ detach: true }, { detach: true }],
  [{ name: "migration" }, { name: "migration" }],
  [
    { label: ["a=1", "b=x=y", "c", "d= "] },
    {
      labels: new Map([
        ["a", "1"],
        ["b", "x=y"],
        ["c", ""],
        ["d", " "],
      ]),
    },
  ],
  [
    { label: ["a=1", "b=2", "a=3"] },
    {
      labels: new Map([
        ["a", "3"],
        ["b", "2"],
      ]),
    },
  ],
  // Only `dev.oneoff.` with the last dot is reserved.
  [
    { label: ["dev.oneoffs=1", "dev=2"] },
    {
      labels: new Map([
        ["dev.oneoffs", "1"],
        ["dev", "2"],
      ]),
    },
  ],
  [{ "service-ports": true }, { servicePorts: true }],
  [
    {
      ...{ "add-host": ["db=10.0.0.5"], "cap-add": ["net_admin"], "cap-drop": ["ALL"], device: ["/dev/fuse"] },
      ...{ dns: ["10.0.0.53"], gpus: ["all"], "group-add": ["1000"], hostname: "worker", ipc: "host" },
      ...{ "log-driver": "syslog", "log-opt": ["tag=a=b"], platform: "linux/arm64", privileged: true },
      ...{ publish: ["80", "53:53/udp"], "read-only": true, "security-opt": ["label=disable"], "shm-size": "1g" },
      ...{ "stop-signal": "SIGINT", tmpfs: ["/x"], ulimit: ["nofile=1:2"] },
    },
    {
      container: {
        ...{ "add-host": ["db:10.0.0.5"], "cap-add": ["CAP_NET_ADMIN"], "cap-drop": ["ALL"] },
        device: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" }],
        ...{ dns: ["10.0.0.53"], "group-add": ["1000"], hostname: "worker", ipc: "host", "log-driver": "syslog" },
        gpus: [{ Driver: "", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} }],
        ...{ "log-opt": [["tag", "a=b"]], platform: "linux/arm64", privileged: true, "read-only": true },
        publish: [
          [{ port: "80/tcp", hostAddress: "", hostPort: "" }],
          [{ port: "53/udp", hostAddress: "", hostPort: "53" }],
        ],
        ...{ "security-opt": ["label=disable"], "shm-size": 2 ** 30, "stop-signal": "SIGINT", tmpfs: ["/x"] },
        ...{ ulimit: [{ Name: "nofile", Soft: 1, Hard: 2 }], profiles: new Map() },
      },
    },
  ],
  [{ network: ["backend"] }, { networks: ["backend"] }],
  [{ network: ["backend", "frontend", "backend"] }, { networks: ["backend", "frontend"] }],
  [{ link: ["db", "shop-db-1:db"] }, { links: ["db", "shop-db-1:db"] }],
  // The last mount at a target overrides earlier mounts of both options.
  [{ given: ["--mount=type=tmpfs,target=/s", "--volume=/a:/s/", "--volume=/b:/c"] }, { binds: ["/a:/s/", "/b:/c"] }],
  [
    { given: ["--volume=/a:/s/../s", "--mount=type=tmpfs,target=/s"] },
    { mounts: [{ type: "tmpfs", target: "/s", readOnly: false }] },
  ],
  [{ volume: ["/a:/b", "data:/c:ro"] }, { binds: ["/a:/b", "data:/c:ro"] }],
  [{ volume: ["/anonymous"] }, { binds: ["/anonymous"] }],
  [{ volume: [".:/a", "./b:/b", "../c:/c:ro,z"] }, { binds: ["/srv/shop:/a", "/srv/shop/b:/b", "/srv/c:/c:ro,z"] }],
  [{ volume: [".data:/a"] }, { binds: [".data:/a"] }],
  [
    { mount: ["type=bind,source=./a,target=/a,readonly"] },
    { mounts: [{ type: "bind", source: "/srv/shop/a", target: "/a", readOnly: true }] },
  ],
  [
    { mount: ["type=bind,src=/a,dst=/b", "src=data,destination=/c,ro", "type=tmpfs,target=/d,readonly=false"] },
    {
      mounts: [
        { type: "bind", source: "/a", target: "/b", readOnly: false },
        { type: "volume", source: "data", target: "/c", readOnly: true },
        { type: "tmpfs", target: "/d", readOnly: false },
      ],
    },
  ],
  [{ memory: "1073741824" }, { memory: 1024 ** 3 }],
  [{ size: "L" }, { size: "L" }],
  [{ "pids-limit": "100" }, { pidsLimit: 100 }],
  [{ timeout: "1h30m" }, { timeout: 5400 }],
  [
    { detach: true, timeout: "1m" },
    { detach: true, timeout: 60 },
  ],
  [
    { detach: true, tail: true, retain: "90" },
    { detach: true, retain: 90 },
  ],
  [
    { detach: true, retain: "2d" },
    { detach: true, retain: 172_800 },
  ],
  [
    { detach: true, retain: "0" },
    { detach: true, retain: 0 },
  ],
  [{ "on-disconnect": "stop" }, { onDisconnect: "stop" }],
  [{ "on-disconnect": "keep" }, { onDisconnect: "keep" }],
  [{ "on-disconnect": "hup" }, { onDisconnect: "hup" }],
  [{ lock: "migrate" }, { lock: { key: "migrate", onConflict: "fail" } }],
  [{ lock: "a b", "on-conflict": "fail" }, { lock: { key: "a b", onConflict: "fail" } }],
  [{ lock: "migrate", "on-conflict": "wait" }, { lock: { key: "migrate", onConflict: "wait" } }],
  [{ lock: "migrate", "on-conflict": "skip" }, { lock: { key: "migrate", onConflict: "skip" } }],
  [{ lock: "migrate", "on-conflict": "replace" }, { lock: { key: "migrate", onConflict: "replace" } }],
  [{ memory: "512m" }, { memory: 512 * 1024 ** 2 }],
  [{ memory: "1.5G" }, { memory: 1.5 * 1024 ** 3 }],
  [{ memory: "64KiB" }, { memory: 65_536 }],
  [{ memory: "64kb" }, { memory: 65_536 }],
  [{ memory: "7b" }, { memory: 7 }],
  [{ cpus: "2" }, { nanoCpus: 2e9 }],
  [{ cpus: "0.5" }, { nanoCpus: 5e8 }],
  [{ cpus: ".25" }, { nanoCpus: 25e7 }],
  [{ cpus: "1.0000000001" }, { nanoCpus: 1e9 }],
];

test.each(fields)("parses %j", (flags, options) => expect(settings(flags).options).toEqual({ ...NOTHING, ...options }));

test("covers every option of run", () => {
  const elsewhere = [
    "build",
    "pull",
    "detach-keys",
    "file",
    "secret",
    "color",
    "no-pager",
    "node",
    "anywhere",
    "start-timeout",
  ];
  const tried = fields.flatMap(([flags]) => Object.keys(flags).filter((name) => name !== "given"));
  expect(new Set([...tried, ...elsewhere])).toEqual(new Set(Object.keys(runOptions)));
});

// As with docker: scripts pass on unset variables as empty values.
test.each(["user", "workdir", "name"] as const)("ignores an empty --%s", (option) =>
  expect(settings({ [option]: "" }).options).toEqual(NOTHING),
);
test.each(["hostname", "ipc", "log-driver", "platform", "stop-signal"] as const)("ignores an empty --%s", (option) =>
  expect(settings({ [option]: "" }).options).toEqual(NOTHING),
);
test("ignores an empty --network", () => expect(settings({ network: [""] }).options).toEqual(NOTHING));

test("parses files and secrets with paths as written", () => {
  const { files, secrets } = settings({ file: ["./dump.tar", "-"], secret: ["TOKEN", "KEY=@key.pem"] });
  expect(files).toEqual([
    { source: "./dump.tar", target: "/tmp/uploads/dump.tar" },
    { source: "-", target: "/tmp/uploads/stdin" },
  ]);
  expect(secrets).toEqual([
    { name: "TOKEN", file: undefined },
    { name: "KEY", file: "key.pem" },
  ]);
});

test.each([
  [undefined, "never"],
  ["", "missing"],
  ["missing", "missing"],
  ["always", "always"],
  ["never", "never"],
] as const)("parses --pull=%s as %s", (pull, meant) =>
  expect(settings(pull === undefined ? {} : { pull }).pull).toBe(meant),
);

test.each([
  [undefined, undefined],
  ["", "json"],
  ["docker", "docker"],
] as const)("parses --print=%s as %s", (print, meant) =>
  expect(settings(print === undefined ? {} : { print }).print).toBe(meant),
);

test.each([
  ["ctrl-p,ctrl-q", [0x10, 0x11]],
  ["", []],
  ["ctrl-x,x", [0x18, 0x78]],
  ["CTRL-A", [0x01]],
  ["ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [0x00, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f]],
  ["DEL,~", [0x7f, 0x7e]],
])("parses --detach-keys %j", (keys, bytes) =>
  expect(settings({ "detach-keys": keys }).detachKeys).toEqual(Buffer.from(bytes)),
);

test("lets --env override --env-file, and later values override earlier ones", () => {
  expect(env({ "env-file": [".env"] })).toEqual([
    ["A", "file"],
    ["B", "file"],
  ]);
  expect(env({ "env-file": [".env", "more.env"], env: ["A=flag", "D=1", "D=2"] })).toEqual([
    ["A", "flag"],
    ["B", "more"],
    ["C", "more"],
    ["HOME", "/home/me"],
    ["D", "2"],
  ]);
  expect(env({ "env-file": ["more.env", ".env"] })).toContainEqual(["B", "file"]);
});

test("copies a variable without a value from the environment of oneoff, if it is set", () => {
  expect(env({ env: ["HOME", "EMPTY", "UNSET", "NOT_HERE", "constructor"] })).toEqual([
    ["HOME", "/home/me"],
    ["EMPTY", ""],
  ]);
  expect(env({ "env-file": [".env"], env: ["A", "B="] })).toEqual([
    ["A", "file"],
    ["B", ""],
  ]);
});

test("keeps values of variables unchanged", () =>
  expect(env({ env: ['Q="q"', "S='s'", "E=a=b", "N=a\nb", "W= w ", "H=#h", "$D=$d", '"X=1"'] })).toEqual([
    ["Q", '"q"'],
    ["S", "'s'"],
    ["E", "a=b"],
    ["N", "a\nb"],
    ["W", " w "],
    ["H", "#h"],
    ["$D", "$d"],
    ['"X', '1"'],
  ]));

const HELP = "oneoff run --help";
const MOUNT = "--mount type=bind,source=/host/path,target=/path,readonly";
const NAMELESS = "write a name before the =, or remove the line or option";
const SPACED = "remove the white space; only a value may have any";
const LABEL = "--label com.example.team=web";
const KEYS = "oneoff run --detach-keys ctrl-x,x …";

const volume = (text: string): [RunFlags, string, string, string] => [
  { volume: [text] },
  "bad-volume",
  `Invalid --volume ${JSON.stringify(text)}: expected SOURCE:TARGET[:OPTIONS] with an absolute target`,
  "--volume ./data:/data:ro",
];
const mount = (text: string, problem: string): [RunFlags, string, string, string] => [
  { mount: [text] },
  "bad-mount",
  `Invalid --mount ${JSON.stringify(text)}: ${problem}`,
  MOUNT,
];
const memory = (text: string): [RunFlags, string, string, string] => [
  { memory: text },
  "bad-quantity",
  `Invalid --memory ${JSON.stringify(text)}: expected a size such as 512m or 2g`,
  "--memory 512m",
];
const cpus = (text: string): [RunFlags, string, string, string] => [
  { cpus: text },
  "bad-quantity",
  `Invalid --cpus ${JSON.stringify(text)}: expected a number of processors such as 0.5 or 2`,
  "--cpus 0.5",
];
const retain = (text: string): [RunFlags, string, string, string] => [
  { detach: true, retain: text },
  "bad-quantity",
  `Invalid --retain ${JSON.stringify(text)}: expected a duration such as 90s, 10m or 1h30m, at most 24d`,
  "--retain 90s",
];
const keys = (text: string, found: string): [RunFlags, string, string, string] => [
  { "detach-keys": text },
  "bad-detach-keys",
  `Invalid --detach-keys "${text}": expected single characters, ctrl-<letter> or DEL, found "${found}"`,
  KEYS,
];

test.each<[RunFlags, code: string, message: string, next: string]>([
  [{ tty: true, "no-tty": true }, "contradiction", "--tty and --no-tty cannot be used together", "remove one of them"],
  [
    { init: true, "no-init": true },
    "contradiction",
    "--init and --no-init cannot be used together",
    "remove one of them",
  ],
  ...["host", "none", "container:db"].map((alone): [RunFlags, string, string, string] => [
    { network: ["backend", alone] },
    ...(["contradiction", `--network ${alone} and --network backend cannot be used together`] as const),
    "remove one of them",
  ]),
  ...["", "a:b:c", ":b", "a:"].map((text): [RunFlags, string, string, string] => [
    { link: [text] },
    ...(["bad-link", `Invalid --link "${text}": expected CONTAINER[:ALIAS]`] as const),
    "--link my-app-db-1:db",
  ]),
  [{ pull: "often" }, "bad-option", 'Invalid --pull "often": expected missing, always or never', HELP],
  [
    { pull: "Always" },
    "bad-option",
    'Invalid --pull "Always": expected missing, always or never; did you mean always?',
    "oneoff run --pull=always …",
  ],
  [{ pull: "\x1b[2J" }, "bad-option", 'Invalid --pull "\\u001b[2J": expected missing, always or never', HELP],
  [{ print: "yaml" }, "bad-option", 'Invalid --print "yaml": expected json or docker', HELP],
  [
    { print: "Docker" },
    "bad-option",
    'Invalid --print "Docker": expected json or docker; did you mean docker?',
    "oneoff run --print=docker …",
  ],
  [{ print: "\x1b[2J" }, "bad-option", 'Invalid --print "\\u001b[2J": expected json or docker', HELP],
  [{ "on-disconnect": "" }, "bad-option", 'Invalid --on-disconnect "": expected stop, keep or hup', HELP],
  [
    { "on-disconnect": "Keep" },
    "bad-option",
    'Invalid --on-disconnect "Keep": expected stop, keep or hup; did you mean keep?',
    "oneoff run --on-disconnect=keep …",
  ],
  [
    { lock: "a", "on-conflict": "queue" },
    "bad-option",
    'Invalid --on-conflict "queue": expected fail, wait, skip or replace',
    HELP,
  ],
  [
    { "on-conflict": "wait" },
    "needs-lock",
    "--on-conflict requires --lock",
    "oneoff run --lock KEY --on-conflict wait …",
  ],
  [{ lock: "" }, "no-value", "--lock: expected a value", HELP],
  [{ tail: true }, "needs-detach", "--tail requires --detach", "oneoff run --detach --tail …"],
  [{ retain: "1h" }, "needs-detach", "--retain requires --detach", "oneoff run --detach --retain …"],
  [{ retain: "0" }, "needs-detach", "--retain requires --detach", "oneoff run --detach --retain …"],
  retain("00"),
  retain("-1"),
  retain("25d"),
  retain(""),
  keys("ctrl-ä", "ctrl-ä"),
  keys("ctrl-p,", ""),
  keys("ctrl-p,ctrl", "ctrl"),
  keys("ctrl-1", "ctrl-1"),
  keys(" ", " "),
  [{ env: [""] }, "bad-env", "--env: expected NAME=VALUE or NAME, found no name", NAMELESS],
  [{ env: ["A=1", "=secret"] }, "bad-env", "--env: expected NAME=VALUE or NAME, found no name", NAMELESS],
  [
    { "env-file": ["spaced.env"] },
    "bad-env",
    'spaced.env:2: expected NAME=VALUE or NAME, found white space after "B"',
    SPACED,
  ],
  [
    { "env-file": ["exported.env"] },
    "bad-env",
    'exported.env:2: expected "TOKEN=", found "export" before it',
    'remove "export"',
  ],
  [
    { "env-file": [".env", "nameless.env"] },
    "bad-env",
    "nameless.env:2: expected NAME=VALUE or NAME, found no name",
    NAMELESS,
  ],
  [
    { "env-file": ["latin.env"] },
    "not-text",
    "latin.env:2: expected text in UTF-8, found bytes that are not UTF-8",
    "save the file as UTF-8",
  ],
  [
    { "env-file": ["nul.env"] },
    "not-text",
    "nul.env:2: expected text in UTF-8, found a NUL byte",
    "save the file as UTF-8",
  ],
  [
    { "env-file": ["no such.env"] },
    "unreadable",
    "--env-file \"no such.env\": ENOENT: no such file or directory, open 'no such.env'",
    "check the file, then try again",
  ],
  [{ label: ["=x"] }, "bad-label", 'Invalid --label "=x": expected KEY=VALUE', LABEL],
  [{ label: [""] }, "bad-label", 'Invalid --label "": expected KEY=VALUE', LABEL],
  [{ label: ["ok=1", "a b=c"] }, "bad-label", 'Invalid --label "a b=c": expected KEY=VALUE', LABEL],
  ...["dev.oneoff.app=x", "com.dokku.app-name=x", "com.dokku=x", "org.label-schema.name"].map(
    (label): [RunFlags, string, string, string] => {
      const key = label.replace(/=.*/, "");
      const prefix = ["dev.oneoff.", "com.dokku", "org.label-schema"].find((start) => key.startsWith(start));
      return [
        { label: [label] },
        "reserved-label",
        `--label: "${key}" begins with "${prefix}", which is reserved`,
        "use a prefix of your own",
      ];
    },
  ),
  volume(""),
  volume("data"),
  volume("/a:"),
  volume(":/b"),
  volume("/a:b"),
  volume("data:./b"),
  volume("/a:/b:ro:z"),
  mount("", 'unknown key ""'),
  mount("type=bind,source=/a,taget=/b", 'unknown key "taget"'),
  mount("type=bind,source=/a,target=/b,", 'unknown key ""'),
  mount("constructor=x,target=/b", 'unknown key "constructor"'),
  mount("\x1b[2J=x,target=/b", 'unknown key "\\u001b[2J"'),
  mount("type=npipe,source=/a,target=/b", 'unknown type "npipe"; expected bind, volume or tmpfs'),
  mount("type=bind,source=/a", "expected an absolute target"),
  mount("type=bind,source=/a,target=b", "expected an absolute target"),
  mount("type=bind,target=/b", "expected a source for a bind mount"),
  mount("type=bind,source=,target=/b", "expected a source for a bind mount"),
  // Limits are never guessed.
  memory(""),
  [
    { "pids-limit": "0" },
    "bad-quantity",
    'Invalid --pids-limit "0": expected a whole number such as 100',
    "--pids-limit 100",
  ],
  [
    { timeout: "soon" },
    "bad-quantity",
    'Invalid --timeout "soon": expected a duration such as 90s, 10m or 1h30m, at most 24d',
    "--timeout 90s",
  ],
  memory("0"),
  memory("-1"),
  memory("much"),
  memory("5x"),
  memory("1e9"),
  memory("1,5g"),
  cpus(""),
  cpus("0"),
  cpus("-1"),
  cpus("all"),
  cpus("1."),
  cpus("1,5"),
  cpus("1e1"),
  cpus("0.0000000001"),
])("refuses %j", (flags, code, message, next) => {
  expect(() => settings(flags)).toThrow(expect.objectContaining({ code, kind: "usage", message, next }));
  expect(message).not.toContain("secret");
});

test.each(["yes", "TRUE", "on", ""])("mounts read-only or fails with readonly=%s", (value) => {
  const read = () => settings({ mount: [`type=bind,source=/a,target=/b,readonly=${value}`] }).options.mounts[0];
  let readOnly: boolean | undefined;
  try {
    readOnly = read()?.readOnly;
  } catch (error) {
    expect(error).toMatchObject({ code: "bad-mount" });
    return;
  }
  expect(readOnly).toBe(true);
});

test.each([
  ["c:n", "./c:n:"],
  ["./c:n", "./c:n:"],
  ["/srv/shop/c:n", "/srv/shop/c:n:"],
])("refuses --file %s for a file with a colon in its name, and prints how to write it", (file, exact) => {
  const exists = (path: string) => path === "/srv/shop/c:n";
  const read = (file: string) => toRunSettings({ given: [], file: [file] }, [], { ...context, exists }).files;
  expect(() => read(file)).toThrow(
    expect.objectContaining({
      code: "bad-upload",
      message: `A local path that contains a colon needs a colon at the end, e.g. "${exact}"`,
      next: `--file ${exact}`,
    }),
  );
  expect(read(exact)).toEqual([{ source: exact.slice(0, -1), target: "/tmp/uploads/c:n" }]);
});

test("reports the first error before it reads a file", () =>
  expect(() => settings({ tty: true, "no-tty": true, "env-file": ["no such.env"], memory: "much" })).toThrow(
    "--tty and --no-tty cannot be used together",
  ));

test.each<[flags: string[], unset: string[] | undefined]>([
  [["HOME"], undefined],
  [
    ["NOT_HERE", "A=1", "UNSET"],
    ["NOT_HERE", "UNSET"],
  ],
  [["NOT_HERE=1", "NOT_HERE"], ["NOT_HERE"]],
  [["NOT_HERE", "NOT_HERE=1"], undefined],
])("unsets variables of %j that are not set in the environment of oneoff", (flags, unset) =>
  expect(settings({ env: flags }).options.unset).toEqual(unset),
);

test("keeps a variable of --env-file that a name without a value unsets", () => {
  const options = settings({ env: ["C=flag", "C", "UNSET"], "env-file": ["more.env"] }).options;
  expect([options.env.get("C"), options.unset]).toEqual(["more", ["UNSET"]]);
});
