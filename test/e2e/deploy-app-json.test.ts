import { describe, expect, inject, test } from "vitest";
import { count, type DeployPlaceOptions, DOCKERFILE, deployPlace, scripts, WEB } from "../support/deploy-place.ts";

/**
 * Dokku's test cases for app.json, by their names there. A15 to A18 and C12, which fail, are in `deploy.test.ts`.
 * Left out: A4 and A5 (buildpacks; A11 tests that a release phase has the app's variables), the `build-dir` of A7
 * (the command line names a folder), and the rows of A8 that have several names.
 */

const host = inject("engineHost");
const place = (wish?: DeployPlaceOptions) => deployPlace(host, wish);

const ENTRYPOINT = `FROM busybox:local
COPY entrypoint /bin/entrypoint
WORKDIR /app
ENTRYPOINT ["entrypoint"]
CMD ["sleep", "600"]
`;
const entrypoint = `#!/bin/sh
if [ "$1" = touch ]; then echo "entrypoint script started with arguments $*"; touch "$2"; else exec "$@"; fi
`;
const executable = "COPY --chmod=755 entrypoint";

describe.concurrent("app.json, as with Dokku", () => {
  const entry = { Dockerfile: ENTRYPOINT.replace("COPY entrypoint", executable), entrypoint };

  test("A1 scripts: commits predeploy, but not postdeploy and prebuild", async () => {
    const dokku = {
      prebuild: "touch /app/prebuild.test",
      predeploy: "touch /app/predeploy.test",
      postdeploy: "touch /app/postdeploy.test",
    };
    await using here = await place({ files: { "app.json": JSON.stringify({ scripts: { dokku } }) } });
    const output = await here.deployed();
    expect(count(output, "-----> predeploy: touch /app/predeploy.test")).toBe(1);
    expect(count(output, "-----> postdeploy: touch /app/postdeploy.test")).toBe(1);
    expect(count(output, "prebuild")).toBe(0);
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "600"]);
    const codes = ["prebuild", "predeploy", "postdeploy"].map(
      async (name) => (await here.oneoff("run", here.app, "ls", `/app/${name}.test`)).code,
    );
    expect(await Promise.all(codes)).toEqual([1, 0, 1]);
  });

  test("A2 scripts.postdeploy: uses an appjson-path that was set before the first deploy", async () => {
    const file = scripts({ first: "touch /app/heroku-postdeploy.test" });
    await using here = await place({
      files: { "app-heroku-postdeploy.json": file, Procfile: `${WEB}release: echo released\n` },
    });
    await here.oneoff("app-json:set", here.app, "appjson-path", "app-heroku-postdeploy.json");
    const output = await here.deployed();
    expect(count(output, "touch /app/heroku-postdeploy.test")).toBe(1);
    expect(count(output, "-----> release: echo released")).toBe(1);
  });

  test("A3 scripts missing: runs no phase", { tags: ["full"] }, async () => {
    await using here = await place({ files: { "app.json": '{"healthchecks": {}}' } });
    const output = await here.deployed();
    expect(output.match(/^ {7}[\w-]+ skipped: no/gm)).toHaveLength(4);
  });

  test("A7 app-json:set: uses another file, none, the default again, and a file in a folder", {
    tags: ["full"],
  }, async () => {
    const phase = (n: string) => scripts({ predeploy: `touch /app/predeploy${n}.test` });
    await using here = await place({
      files: {
        "app.json": phase(""),
        "app2.json": phase("2"),
        "sub-app/Dockerfile": DOCKERFILE,
        "sub-app/Procfile": WEB,
        "sub-app/app.json": phase("2"),
        "sub-app/app3.json": phase("3"),
      },
    });
    const set = (value: string) => here.oneoff("app-json:set", here.app, "appjson-path", value);
    const phases = async (...words: string[]) =>
      (await here.deployed("--force", ...words)).match(/^-----> predeploy: .*/gm) ?? [];
    await set("app-nonexistent.json");
    expect(await phases()).toEqual([]);
    await set("app2.json");
    expect(await phases()).toEqual(["-----> predeploy: touch /app/predeploy2.test"]);
    await set("");
    expect(await phases()).toEqual(["-----> predeploy: touch /app/predeploy.test"]);
    expect(await phases(here.app, "sub-app")).toEqual(["-----> predeploy: touch /app/predeploy2.test"]);
    await set("app3.json");
    expect(await phases(here.app, "sub-app")).toEqual(["-----> predeploy: touch /app/predeploy3.test"]);
  });

  test("A8 report: round trip, A9 report: raw, computed and global", async () => {
    await using here = await place();
    const set = async (...words: string[]) =>
      expect(await here.oneoff("app-json:set", ...words)).toMatchObject({ code: 0 });
    const rows = async () => {
      const { stdout } = await here.oneoff("app-json:report", here.app, "--format", "json");
      const { app: _app, ...values } = JSON.parse(stdout);
      return values;
    };
    const value = async (row: string) => (await here.oneoff("app-json:report", here.app, `--app-json-${row}`)).stdout;
    const unset = { "appjson-path": "", "computed-appjson-path": "app.json", "global-appjson-path": "" };
    expect(await rows()).toMatchObject(unset);
    await set(here.app, "appjson-path", "app2.json");
    expect(await value("appjson-path")).toBe("app2.json\n");
    expect(await value("computed-appjson-path")).toBe("app2.json\n");
    expect(await value("global-appjson-path")).toBe("\n");
    const selected = await here.oneoff("app-json:report", here.app, "--app-json-selected");
    expect([selected.code, selected.stdout]).toEqual([2, ""]);
    await set(here.app, "appjson-path");
    await set("--global", "appjson-path", "app.global.json");
    expect(await rows()).toMatchObject({
      ...{ "appjson-path": "", "computed-appjson-path": "app.global.json", "global-appjson-path": "app.global.json" },
    });
    await set(here.app, "appjson-path", "app.app.json");
    expect(await rows()).toMatchObject({
      ...{ "appjson-path": "app.app.json", "computed-appjson-path": "app.app.json" },
      "global-appjson-path": "app.global.json",
    });
    await set(here.app, "appjson-path");
    await set("--global", "appjson-path");
    expect(await rows()).toMatchObject(unset);
  });

  test("A10 dockerfile cmd: predeploy changes neither ENTRYPOINT nor CMD", { tags: ["full"] }, async () => {
    const Dockerfile = entry.Dockerfile.replace('CMD ["sleep", "600"]', "CMD npm start");
    await using here = await place({
      files: { ...entry, Dockerfile, "app.json": scripts({ predeploy: "touch /app/predeploy.test" }) },
    });
    await here.deployed();
    const { Config } = await here.image("latest");
    expect([Config.Cmd, Config.Entrypoint]).toEqual([["/bin/sh", "-c", "npm start"], ["entrypoint"]]);
    expect((await here.inspect("web.1")).Config.Entrypoint).toEqual(["entrypoint"]);
  });

  test("A11 dockerfile release: runs a release phase with the app's variables, and CMD as web", {
    tags: ["full"],
  }, async () => {
    const release = 'release: echo "SECRET_KEY: $SECRET_KEY"\n';
    await using here = await place({ files: { Procfile: release }, yaml: "env: {SECRET_KEY: fjdkslafjdk}\n" });
    expect(await here.deployed()).toContain("release: SECRET_KEY: fjdkslafjdk");
  });

  test("A12 entrypoint release: passes the phase's arguments to the entrypoint", { tags: ["full"] }, async () => {
    await using here = await place({ files: { ...entry, Procfile: `${WEB}release: touch /app/release.test\n` } });
    const output = await here.deployed();
    expect(count(output, "touch /app/release.test")).toBe(2);
    expect(output).toContain("release: entrypoint script started with arguments touch /app/release.test");
  });

  test("A13 entrypoint predeploy: passes the phase's arguments to the entrypoint, and keeps its changes", {
    tags: ["full"],
  }, async () => {
    await using here = await place({
      files: { ...entry, "app.json": scripts({ predeploy: "touch /app/predeploy.test" }) },
    });
    const output = await here.deployed();
    expect(output).toContain("predeploy: entrypoint script started with arguments touch /app/predeploy.test");
    expect((await here.oneoff("run", here.app, "ls", "/app/predeploy.test")).code).toBe(0);
  });

  test("A6 tini test: runs the phase under a shell if ENTRYPOINT is tini and --", {
    tags: ["full"],
  }, async () => {
    await using here = await place({
      files: {
        Dockerfile:
          'FROM busybox:local\nCOPY --chmod=755 tini /tini\nENTRYPOINT ["/tini", "--"]\nCMD ["sleep", "600"]\n',
        tini: '#!/bin/sh\nshift\nexec "$@"\n',
        Procfile: `${WEB}release: cd /tmp && echo "in $PWD"\n`,
      },
    });
    expect(await here.deployed()).toContain("release: in /tmp");
  });

  test("A14 persist scale: applies app.json's scale of each type, and removes types that no longer exist", {
    tags: ["full"],
  }, async () => {
    const formation = (types: object) => JSON.stringify({ formation: types });
    const one = { quantity: 1 };
    await using here = await place({
      files: {
        Procfile: `${WEB}worker: sleep 600\ncron: sleep 600\n`,
        "app.json": formation({ web: one, worker: one }),
      },
    });
    const scale = async () => JSON.parse((await here.oneoff("scale", here.app, "--format", "json")).stdout);
    const type = (process_type: string, quantity: number) => ({ process_type, quantity });
    await here.deployed();
    expect(await scale()).toEqual([type("web", 1), type("worker", 1), type("cron", 0)]);
    expect(await here.containers()).toEqual(["web.1 running", "worker.1 running"]);
    await here.write("Procfile", `${WEB}cron: sleep 600\n`);
    await here.write("app.json", formation({ web: one, cron: one }));
    await here.deployed();
    expect(await scale()).toEqual([type("web", 1), type("cron", 1)]);
    expect(await here.containers()).toEqual(["cron.1 running", "web.1 running"]);
  });

  const ENV = {
    SIMPLE_VAR: "simple_value",
    OBJECT_VAR: { description: "an object", value: "object_default" },
    SECRET_VAR: { generator: "secret" },
    OPTIONAL_VAR: { required: false },
    SYNC_VAR: { value: "sync_value", sync: true },
  };
  test("A19 env simple value, A20 env secret generator, A24 env skips optional without value", async () => {
    const predeploy = 'echo "$SIMPLE_VAR $OBJECT_VAR"';
    await using here = await place({ files: { "app.json": scripts({ predeploy, env: ENV }) } });
    const output = await here.deployed();
    const set = `Setting 4 environment variables of ${here.app} from app.json: SIMPLE_VAR, OBJECT_VAR, SECRET_VAR, SYNC_VAR\n`;
    expect(count(output, set)).toBe(1);
    expect(output).toContain("predeploy: simple_value object_default");
    expect((await here.printenv("SIMPLE_VAR")).stdout).toBe("SIMPLE_VAR=simple_value\n");
    expect((await here.printenv("OBJECT_VAR")).stdout).toBe("OBJECT_VAR=object_default\n");
    expect((await here.printenv("SECRET_VAR")).stdout).toMatch(/^SECRET_VAR=[0-9a-f]{64}\n$/);
    expect(await here.printenv("OPTIONAL_VAR")).toMatchObject({ code: 1, stdout: "" });
  });

  test("A21 env does not overwrite on redeploy, A22 env sync overwrites on redeploy", { tags: ["full"] }, async () => {
    await using here = await place({ files: { "app.json": scripts({ env: ENV }) } });
    await here.deployed();
    const { SECRET_VAR } = await here.env();
    await here.setEnv({ ...(await here.env()), SIMPLE_VAR: "changed_value", SYNC_VAR: "by hand" });
    expect(await here.deployed()).toContain(`Setting 1 environment variable of ${here.app} from app.json: SYNC_VAR\n`);
    expect(await here.env()).toMatchObject({ SIMPLE_VAR: "changed_value", SECRET_VAR, SYNC_VAR: "sync_value" });
    expect((await here.inspect("web.1")).Config.Env).toEqual(
      expect.arrayContaining(["SIMPLE_VAR=changed_value", `SECRET_VAR=${SECRET_VAR}`, "SYNC_VAR=sync_value"]),
    );
  });

  test("A23 env required without value: fails before the build", async () => {
    await using here = await place({ files: { "app.json": scripts({ env: { REQUIRED_VAR: {} } }) } });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(2);
    expect(stderr).toContain("REQUIRED_VAR");
    expect(stderr).not.toContain("-----> build");
    expect(await here.containers()).toEqual([]);
  });

  test("A25 env respects pre-set values on first deploy", { tags: ["full"] }, async () => {
    await using here = await place({
      files: { "app.json": scripts({ env: ENV }) },
      yaml: "env: {SIMPLE_VAR: preset_value}\n",
    });
    await here.deployed();
    expect((await here.printenv("SIMPLE_VAR")).stdout).toBe("SIMPLE_VAR=preset_value\n");
  });
});
