import { randomBytes } from "node:crypto";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { api } from "../support/docker-api.ts";
import { eventLines, undocumented } from "../support/event-lines.ts";
import { folder } from "../support/folder.ts";
import { oneoffSuite } from "../support/oneoff-suite.ts";
import { type Registry, startRegistry } from "../support/registry.ts";
import { LOGIN } from "../support/registry-folder.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

let registry: Registry;
let image: string;
beforeAll(async () => {
  registry = await startRegistry(host);
  image = await registry.push("busybox:local", "private/app");
});
afterAll(() => registry[Symbol.asyncDispose]());

const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");

/** A credential helper that records its calls and its input. */
const HELPER = `#!/bin/sh
read -r server
echo "$* $server" >>"$0.log"
printf '{"Username":"${LOGIN.username}","Secret":"${LOGIN.password}"}'
`;

/** A home with this docker configuration, and a helper called `test`. */
async function home(config: unknown, helper = HELPER) {
  const place = await folder({ "config.json": JSON.stringify(config), "docker-credential-test": helper });
  const program = `${place.path}/docker-credential-test`;
  await chmod(program, 0o755);
  const env = { DOCKER_CONFIG: place.path, XDG_STATE_HOME: place.path, PATH: `${place.path}:${process.env.PATH}` };
  return {
    path: place.path,
    env,
    asked: () => readFile(`${program}.log`, "utf8").catch(() => ""),
    run: (words: readonly string[], more: Record<string, string> = {}) =>
      suite.runApp([...words, "app", "echo", "ran"], { env: { ...env, ...more } }),
    /** Every file that oneoff has written. */
    journal: async () => {
      const files = await readdir(`${place.path}/oneoff/journal`).catch(() => []);
      return (await Promise.all(files.map((file) => readFile(`${place.path}/oneoff/journal/${file}`, "utf8")))).join(
        "",
      );
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** The image may be left from the test before. */
beforeEach(async () => expect([200, 404]).toContain((await api(host).delete(`/images/${image}`)).status));
const ran = { code: 0, stdout: "ran\n", stderr: expect.stringContaining("Downloaded newer image") };

// Sequential, since all of these tests pull the same image.
describe("private image", () => {
  test("pulls no private image without a password, and prints how to log in", async () => {
    await using mine = await home({});
    expect(await mine.run(["--pull", "--image", image])).toEqual({
      code: 125,
      stdout: "",
      stderr: expect.stringMatching(
        new RegExp(
          `^oneoff: Cannot pull ${image}: .*no basic auth credentials.*\n  docker login ${registry.server}\n$`,
        ),
      ),
    });
  });

  test("pulls a private image with the credentials of docker login", async () => {
    await using mine = await home({ auths: { [registry.server]: { auth } } });
    expect(await mine.run(["--pull", "--image", image])).toEqual(ran);
  });

  test("knows the Procfile of an image that it pulls", async () => {
    const dockerfile = "FROM busybox:local\nWORKDIR /srv\nCOPY Procfile /srv/\n";
    await buildImage(host, "procfile:1", dockerfile, { Procfile: "migrate: echo migrated\n" });
    const pulled = await registry.push("procfile:1", "private/procfile");
    await using mine = await home({ auths: { [registry.server]: { auth } } });
    for (const option of ["--pull", "--pull=always"]) {
      await api(host).delete("/images/procfile:1");
      await api(host).delete(`/images/${pulled}`);
      const words = [option, "--image", pulled, "app", "migrate", "all"];
      const { code, stdout, stderr } = await suite.runApp(words, { env: { ...mine.env, XDG_CACHE_HOME: mine.path } });
      expect({ code, stdout }).toEqual({ code: 0, stdout: "migrated all\n" });
      expect(stderr.match(/Downloaded newer image/g)).toHaveLength(1);
    }
    await api(host).delete(`/images/${pulled}`);
  });

  test("pulls a private image with credentials from the environment", async () => {
    await using mine = await home({ credsStore: "nonesuch" });
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [registry.server]: { auth } } });
    expect(await mine.run(["--pull", "--image", image], { DOCKER_AUTH_CONFIG })).toEqual(ran);
  });

  test("pulls a private image with a credential helper, which runs only then, and writes the secret nowhere", async () => {
    await using mine = await home({ credHelpers: { [registry.server]: "test" } });
    const said = await mine.run(["--pull", "--image", image]);
    expect(said).toEqual(ran);
    expect(await mine.asked()).toBe(`get ${registry.server}\n`);
    expect(await mine.run(["--pull", "--image", image])).toEqual({ code: 0, stdout: "ran\n", stderr: "" });
    expect(await mine.asked()).toBe(`get ${registry.server}\n`);
    const journal = await mine.journal();
    expect(journal).toContain("echo ran");
    expect(journal + said.stderr).not.toContain(LOGIN.password);
    expect(journal + said.stderr).not.toContain(auth);
  });

  test("reports a credential helper that is missing or fails, in one message", async () => {
    const without = "tried without credentials:";
    await using missing = await home({ credsStore: "nonesuch" });
    expect((await missing.run(["--pull", "--image", image])).stderr).toMatch(
      new RegExp(
        `^oneoff: Cannot pull ${image}: .*\n${without} Cannot read the credentials of ${registry.server}: docker-credential-nonesuch is not installed\n  install docker-credential-nonesuch, or .*\n$`,
      ),
    );
    await using failing = await home({ credsStore: "test" }, "#!/bin/sh\necho the keychain is locked\nexit 1\n");
    const { stderr } = await failing.run(["--pull", "--image", image]);
    // The helper's own output may contain a secret.
    expect(stderr).toContain(
      `${without} Cannot read the credentials of ${registry.server}: docker-credential-test failed: exit code 1\n`,
    );
    expect(stderr).not.toContain("keychain");
  });

  test("a deploy pulls a private base image", { tags: ["full"] }, async () => {
    await using mine = await home({ auths: { [registry.server]: { auth } } });
    await writeFile(`${mine.path}/Dockerfile`, `FROM ${image}\nRUN echo built >/made\n`);
    const app = `pulled-${registry.server.split(":")[1]}`;
    const deploy = (...words: string[]) =>
      suite.oneoff(["deploy", ...words, "--only", "build", app, mine.path], {
        env: { ...mine.env, XDG_CONFIG_HOME: mine.path },
      });
    expect(await deploy()).toMatchObject({ code: 1, stderr: expect.stringContaining("oneoff deploy --pull") });
    const { code, stderr } = await deploy("--pull");
    expect(stderr).toContain("Downloaded newer image");
    expect(code).toBe(0);
    await suite.oneoff(["destroy", "--yes", app], { env: { ...mine.env, XDG_CONFIG_HOME: mine.path } });
  });

  test("prints the progress of each layer of a pull, and its duration", async () => {
    const files = { a: randomBytes(8 * 1024 * 1024), b: randomBytes(8 * 1024 * 1024) };
    await buildImage(host, "layers:1", "FROM busybox:local\nCOPY a /\nCOPY b /\n", files);
    const layered = await registry.push("layers:1", "private/layers");
    await api(host).delete("/images/layers:1");
    await using mine = await home({ auths: { [registry.server]: { auth } } });
    const words = ["deploy", "--json", "--pull", "--image", layered, "--only", "build", "layered"];
    const { stdout } = await suite.oneoff(words, { env: { ...mine.env, XDG_CONFIG_HOME: mine.path } });
    const events = eventLines(stdout);
    expect(events.flatMap(undocumented)).toEqual([]);
    expect(events).toContainEqual(expect.objectContaining({ type: "step-done", step: "pull" }));
    const progress = events.filter(({ type }) => type === "progress");
    const finished = (wanted: string) =>
      progress.filter(({ operation, finished }) => operation === wanted && finished).map(({ item }) => item);
    expect(new Set(finished("pull")).size).toBeGreaterThanOrEqual(2);
    expect(finished("unpack")).toEqual(expect.arrayContaining(finished("pull").slice(-1)));
    for (const { item, total } of progress)
      expect([item, total]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.any(Number)]);
    await api(host).delete(`/images/${layered}`);
  });
});
