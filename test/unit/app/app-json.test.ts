// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { appJsonKeys, parseAppJson } from "../../../src/app/app-json.ts";
import { healthcheckKeys } from "../../../src/app/healthchecks.ts";
import type { Key } from "../../../src/app/schema/schema.ts";
import { cpuTime } from "../../support/cpu-time.ts";

const read = (text: string) => parseAppJson(Buffer.from(text));
const nothing = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] };

/** Each mistake without the name of the file. */
function mistakes(text: string | Buffer): string[] {
  try {
    parseAppJson(Buffer.from(text));
  } catch (error) {
    expect(error).toMatchObject({ code: "bad-app-json", kind: "usage" });
    return (error as Error).message.split("\n").map((line) => line.replace(/^app\.json:/, ""));
  }
  return [];
}

describe("reads app.json", () => {
  test("reads the three scripts of a typical app.json", () => {
    const text = `{
  "scripts": {
    "dokku": {
      "predeploy": "touch /app/predeploy.test",
      "postdeploy": "curl https://some.external.api.service.com/deployment?state=success"
    },
    "postdeploy": "curl https://some.external.api.service.com/created?state=success"
  }
}
`;
    const scripts = {
      predeploy: "touch /app/predeploy.test",
      postdeploy: "curl https://some.external.api.service.com/deployment?state=success",
      firstPostdeploy: "curl https://some.external.api.service.com/created?state=success",
    };
    expect(read(text)).toEqual({ ...nothing, scripts });
    expect(read(`\uFEFF${text.replaceAll("\n", "\r\n")}`)).toEqual({ ...nothing, scripts });
  });

  test.each(["", " \n\r\n\t", "\uFEFF", "// later\n", "{}", "{} // nothing\n"])("reads %j as empty", (text) =>
    expect(read(text)).toEqual(nothing),
  );

  test("allows comments, trailing commas, and shell variables", () => {
    expect(read('{/* a */ "scripts": {"postdeploy": "echo $HOME ${A:-b} $$", }, // b\n}').scripts).toEqual({
      firstPostdeploy: "echo $HOME ${A:-b} $$",
    });
  });

  test("ignores unknown keys at every level", () => {
    const text = `{"name": 1, "crons": [{"command": 5}], "cron": [{"command": "a", "schedule": "@daily", "x": 1}], "buildpacks": null, "__proto__": {"scripts": []}, "constructor": 1,
      "scripts": {"dokku": {"prebuild": []}, "release": {}}, "env": {"A": {"type": 1}},
      "formation": {"web": {"autoscaling": 1}}, "healthchecks": {"web": [{"onFailure": [], "description": 1}]}}`;
    expect(read(text).env).toEqual(new Map([["A", { required: true, sync: false }]]));
    expect([...read(text).healthchecks.keys(), ...read(text).formation.keys()]).toEqual(["web", "web"]);
    expect(read(text).scripts).toEqual({});
  });

  test("treats null keys and blank commands as absent", () => {
    expect(read('{"scripts": null, "env": null, "formation": null, "healthchecks": null}')).toEqual(nothing);
    expect(read('{"scripts": {"dokku": null, "postdeploy": null}}')).toEqual(nothing);
    expect(read('{"scripts": {"dokku": {"predeploy": "", "postdeploy": " \\n"}, "postdeploy": ""}}')).toEqual(nothing);
  });

  test("reports every mistake with file, line and column", () => {
    const text = `{
  "scripts": {"dokku": {"predeploy": ["a"], "postdeploy": 1}, "postdeploy": true},
  "env": {
    "A": 1,
    "A": "x"
  },
  "scripts": []
}`;
    expect(() => parseAppJson(Buffer.from(text), "deploy/app.json")).toThrow(
      expect.objectContaining({
        message: [
          'deploy/app.json:2:38: "predeploy": expected a string, found a list',
          'deploy/app.json:2:59: "postdeploy": expected a string, found a number',
          'deploy/app.json:2:77: "postdeploy": expected a string, found true or false',
          'deploy/app.json:4:10: "A": expected a string or a map, found a number',
          'deploy/app.json:5:5: "A" already exists on line 4',
          'deploy/app.json:7:3: "scripts" already exists on line 2',
        ].join("\n"),
      }),
    );
  });

  test.each([
    ["null", "1:1: expected a map, found nothing"],
    ["[]", "1:1: expected a map, found a list"],
    ['"x"', "1:1: expected a map, found a string"],
    ["5", "1:1: expected a map, found a number"],
    ['{\n  "a": 1,\n  "scripts": []}', '3:14: "scripts": expected a map, found a list'],
    ['{"scripts": {"dokku": "x"}}', '1:23: "dokku": expected a map, found a string'],
    ['{"scripts": {"postdeploy": "a\\u0000"}}', '1:28: "postdeploy": expected a value without NUL characters'],
    ['{"env": []}', '1:9: "env": expected a map, found a list'],
    ['{"formation": {"web": 1}}', '1:23: "web": expected a map, found a number'],
    ['{"healthchecks": {"web": {}}}', '1:26: "web": expected a list, found a map'],
    ['{"healthchecks": {"web": [1]}}', '1:27: "web": expected a map, found a number'],
    ['{"healthchecks": {"web": null}}', '1:26: "web": expected a list, found nothing'],
    ["scripts: {}", "1:1: expected a value, found a word without double quotes"],
  ])("rejects %s", (text, mistake) => expect(mistakes(text)).toEqual([mistake]));

  test("reports at most twenty mistakes, and the number of others", () => {
    const told = mistakes(`{"env": {${Array.from({ length: 25 }, (_, n) => `"A${n}": ${n}`).join(",")}}}`);
    expect([told.length, told.at(-1)]).toEqual([21, " and 5 more"]);
  });

  test.each([
    [Buffer.from('{"a":\n"\xff"}', "latin1"), "app.json:2: expected text in UTF-8, found bytes that are not UTF-8"],
    [Buffer.from("{}\n\n\0"), "app.json:3: expected text in UTF-8, found a NUL byte"],
  ])("rejects a file that is not text", (bytes, message) => {
    expect(() => parseAppJson(bytes)).toThrow(expect.objectContaining({ code: "not-text", message }));
  });
});

describe("reads env", () => {
  test.each([
    ['"x"', { value: "x", required: true, sync: false }],
    ['""', { value: "", required: true, sync: false }],
    ["{}", { required: true, sync: false }],
    ['{"description": "a key", "value": "x"}', { description: "a key", value: "x", required: true, sync: false }],
    ['{"generator": "secret", "sync": true}', { generator: "secret", required: true, sync: true }],
    ['{"required": false, "value": null}', { required: false, sync: false }],
  ])("reads the variable %s", (text, variable) =>
    expect(read(`{"env": {"A": ${text}}}`).env).toEqual(new Map([["A", variable]])),
  );

  test("accepts any name that the engine accepts", () => {
    const { env } = read('{"env": {"__proto__": "a", "constructor": "b", "a.b-c": "c", "É": "d"}}');
    expect([...env.keys()]).toEqual(["__proto__", "constructor", "a.b-c", "É"]);
  });

  test.each([
    ['"A": null', '"A": expected a string or a map, found nothing'],
    ['"A": true', '"A": expected a string or a map, found true or false'],
    ['"A": "\\u0000"', '"A": expected a value without NUL characters'],
    ['"A": {"value": 1}', '"value": expected a string, found a number'],
    ['"A": {"required": "yes"}', '"required": expected true or false, found a string'],
    ['"A": {"sync": 1}', '"sync": expected true or false, found a number'],
    ['"A": {"generator": "secrets"}', '"generator": expected "secret"'],
    ['"A=B": "x"', '"A=B": expected the name of a variable, without "=" and white space'],
    ['"": "x"', '"": expected the name of a variable, without "=" and white space'],
  ])("rejects the env {%s} without showing its value", (text, mistake) => {
    expect(mistakes(`{"env": {${text}}}`).map((line) => line.replace(/^1:\d+: /, ""))).toEqual([mistake]);
  });

  test("never shows a value in a mistake", () => {
    const told = mistakes(`{"env": {"A": hunter2, "B": 'hunter2',\n"C": "hunter2" hunter2\n"D": "hunter2`).join("\n");
    expect(told).not.toBe("");
    expect(told).not.toContain("hunter2");
  });
});

describe("reads formation", () => {
  test("reads quantity and size of each process type", () => {
    const { formation } = read(
      '{"formation": {"web": {"quantity": 2, "size": "standard-1x", "max_parallel": 4}, "w_2": {"max_parallel": 0}, "c": {"quantity": 0}}}',
    );
    expect(formation).toEqual(
      new Map([
        ["web", { quantity: 2, size: "standard-1x", maxParallel: 4 }],
        ["w_2", {}],
        ["c", { quantity: 0 }],
      ]),
    );
  });

  test.each([
    ['"web": {"quantity": "2"}', '"quantity": expected a number, found a string'],
    ['"web": {"quantity": -1}', '"quantity": expected a whole number up to 9999'],
    ['"web": {"quantity": 1.0}', '"quantity": expected a whole number up to 9999'],
    ['"web": {"quantity": 1e3}', '"quantity": expected a whole number up to 9999'],
    ['"web": {"quantity": 10000}', '"quantity": expected a whole number up to 9999'],
    ['"web": {"size": 1}', '"size": expected a string, found a number'],
    ['"a b": {}', '"a b": expected a process type: at most 63 letters, digits, "-" and "_"'],
  ])("rejects the formation {%s}", (text, mistake) => {
    expect(mistakes(`{"formation": {${text}}}`).map((line) => line.replace(/^1:\d+: /, ""))).toEqual([mistake]);
  });
});

describe("reads healthchecks", () => {
  const check = (text: string) => read(`{"healthchecks": {"web": [${text}]}}`).healthchecks.get("web")?.[0];
  const standard = {
    type: "startup",
    scheme: "http",
    httpHeaders: [],
    listening: false,
    attempts: 3,
    timeout: 5,
    wait: 5,
    initialDelay: 0,
    warn: false,
  };

  test("applies defaults to a health check", () => expect(check("{}")).toEqual(standard));

  test("reads all keys of a health check", () => {
    const text = `{"type": "readiness", "name": "web check", "path": "/health?a=b", "scheme": "https", "port": 8080,
      "content": "ready", "attempts": 10, "timeout": 1, "wait": 2, "initialDelay": 3, "warn": true,
      "httpHeaders": [{"name": "X-A", "value": "b c"}, {"name": "X-A", "value": ""}]}`;
    expect(check(text)).toEqual({
      ...standard,
      ...{ type: "readiness", name: "web check", path: "/health?a=b", scheme: "https", port: 8080, content: "ready" },
      ...{ attempts: 10, timeout: 1, wait: 2, initialDelay: 3, warn: true },
      httpHeaders: [
        { name: "X-A", value: "b c" },
        { name: "X-A", value: "" },
      ],
    });
    expect(check('{"type": "liveness", "command": ["sh", "-c", "exit 0", ""]}')).toEqual({
      ...standard,
      type: "liveness",
      command: ["sh", "-c", "exit 0", ""],
    });
    expect(check('{"uptime": 30}')).toEqual({ ...standard, uptime: 30 });
    expect(check('{"listening": true}')).toEqual({ ...standard, listening: true });
  });

  test("treats 0, false and empty values as unset", () => {
    const text = `{"path": "", "uptime": 0, "command": [], "listening": false, "name": "", "content": "", "port": 0,
      "attempts": 0, "timeout": 0, "wait": 0}`;
    expect(check(text)).toEqual(standard);
    expect(read('{"healthchecks": {"web": []}}').healthchecks).toEqual(new Map([["web", []]]));
  });

  test.each([
    ['"type": "startpu"', '"type": expected "startup", "readiness" or "liveness"; did you mean "startup"?'],
    ['"type": "x"', '"type": expected "startup", "readiness" or "liveness"'],
    ['"type": ""', '"type": expected "startup", "readiness" or "liveness"'],
    ['"scheme": "ftp"', '"scheme": expected "http" or "https"'],
    ['"path": "health"', '"path": expected a path that begins with "/"'],
    ['"path": "/a b"', '"path": expected a path that begins with "/"'],
    ['"port": 65536', '"port": expected a whole number up to 65535'],
    ['"command": "true"', '"command": expected a list, found a string'],
    ['"command": [1]', '"command": expected a string, found a number'],
    ['"timeout": "5"', '"timeout": expected a number, found a string'],
    ['"timeout": 0.5', '"timeout": expected a whole number up to 2073600'],
    ['"httpHeaders": [{"name": "A"}]', '"httpHeaders": expected the key "value"'],
    ['"httpHeaders": [{"name": "A B", "value": ""}]', '"name": expected the name of a header'],
    ['"httpHeaders": [{"name": "A", "value": "b\\r\\nC: d"}]', '"value": expected a value of one line'],
    ['"path": "/", "uptime": 1', '"uptime" cannot be used together with "path" on line 1'],
    ['"listening": true, "command": ["a"]', '"command" cannot be used together with "listening" on line 1'],
  ])("rejects the health check {%s}", (text, mistake) => {
    const told = mistakes(`{"healthchecks": {"web": [{${text}}]}}`);
    expect(told.map((line) => line.replace(/^1:\d+: /, ""))).toEqual([mistake]);
  });
});

test.each(Object.entries<Key<unknown>>(appJsonKeys))("reads the examples of %s", (name, { examples }) => {
  for (const example of examples) {
    expect(mistakes(JSON.stringify({ [name]: parseYaml(example) }))).toEqual([]);
  }
});

test.each(Object.entries<Key<unknown>>(healthcheckKeys))("reads the examples of a health check key %s", (name, key) => {
  for (const example of key.examples) {
    expect(mistakes(JSON.stringify({ healthchecks: { web: [{ [name]: parseYaml(example) }] } }))).toEqual([]);
  }
});

const size = 256 * 1024;
const fill = (text: string) => text.repeat(Math.floor(size / text.length));

/** Files on which a careless parser takes superlinear time or memory. */
const hostile: Readonly<Record<string, string | Buffer>> = {
  "10 MB": Buffer.alloc(10_000_000, "["),
  "10 MB of white space": Buffer.alloc(10_000_000, " "),
  brackets: fill("["),
  braces: fill('{"a":'),
  "closing brackets": fill("]"),
  quotes: fill('"'),
  backslashes: `"${fill("\\").slice(2)}`,
  "bad escapes": `["${fill('\\q",\n"').slice(8)}`,
  "control characters": `"${fill("\t").slice(2)}"`,
  "slashes and stars": fill("/*").slice(1),
  "open comments": fill("/* ").slice(1),
  "a comment in each line, and nothing": `[${fill("//\n").slice(2)}`,
  words: fill("a "),
  "a word a line": `[${fill("a,\n").slice(2)}`,
  "a long word": fill("a"),
  "a long number": fill("1"),
  commas: fill(","),
  colons: fill(":"),
  "one key again and again": `{${fill('"a":1,\n').slice(8)}}`,
  "wrong values": `{"env": {${Array.from({ length: 12_000 }, (_, n) => `"A${n}":${n}`).join()}}}`,
  "long names": `{"env": {"${fill("a ").slice(20)}": ""}}`,
  "a long word of a few": `{"healthchecks": {"web": [{"type": "${fill("startup").slice(60)}"}]}}`,
  "a long path": `{"healthchecks": {"web": [{"path": "/${fill("a").slice(60)} "}]}}`,
  "a long header": `{"healthchecks": {"web": [{"httpHeaders": [{"name": "${fill("a").slice(90)} ", "value": ""}]}]}}`,
};

test.each(Object.entries(hostile))("rejects a hostile file in bounded time and memory: %s", (_name, text) => {
  const before = process.memoryUsage().rss;
  const start = cpuTime();
  expect(mistakes(text)).not.toEqual([]);
  expect(cpuTime() - start).toBeLessThan(3000);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
});

test("reads a large valid app.json", () => {
  const lines = Array.from({ length: 3000 }, (_, n) => `"VARIABLE_${n}": {"value": "the value ${n}", "sync": true},\n`);
  expect(read(`{"env": {\n${lines.join("")}}}`).env.size).toBe(3000);
});
