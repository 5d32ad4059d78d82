import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { count, DEPLOY_TIMEOUT_MS, type DeployPlaceOptions, deployPlace } from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

/**
 * Dokku's test cases for builders, images and containers, by their names there; C12 is in `deploy.test.ts`.
 * Left out: B3 to B8 (buildpacks, in `herokuish.test.ts` and `apps.test.ts`, and cron), C6 (registries), C8 (an image is
 * deployed again like any other).
 */

const host = inject("engineHost");
const engine = api(host);
const place = (wish?: DeployPlaceOptions) => deployPlace(host, wish);

/** Prints its own name and its arguments, as a list. */
const TASK = `#!/bin/sh
for word in "\${0##*/}" "$@"; do list="$list\${list:+, }'$word'"; done
echo "[$list]"
`;

describe.concurrent("builders and images, as with Dokku", () => {
  test("B1 builder-dockerfile exec: runs commands and quoted tasks through an ENTRYPOINT that executes its arguments", {
    tags: ["full"],
  }, async () => {
    await using here = await place({
      files: {
        Dockerfile:
          'FROM busybox:local\nCOPY --chmod=755 entrypoint /\nENTRYPOINT ["/entrypoint"]\nCMD ["sleep", "600"]\n',
        entrypoint: '#!/bin/sh\nexec "$@"\n',
        Procfile: "web: sleep 600\ntask: echo 'hi dokku'\n",
      },
    });
    await here.deployed();
    const { code, stdout } = await here.oneoff("run", here.app, "task");
    expect([code, stdout]).toEqual([0, "hi dokku\n"]);
  });

  test("B2 run: runs arguments and a task of the Procfile with the app's variables", async () => {
    await using here = await place({
      files: {
        Dockerfile: "FROM busybox:local\nWORKDIR /app\nCOPY --chmod=755 task ./\n",
        Procfile: "web: sleep 600\ntask: ./task test\n",
        task: TASK,
      },
      yaml: "env: {SECRET_KEY: fjdkslafjdk}\n",
    });
    await here.deployed();
    const exactly = (stdout: string) => ({ code: 0, stdout, stderr: "" });
    expect(await here.oneoff("run", here.app, "./task", "test")).toEqual(exactly("['task', 'test']\n"));
    expect(await here.oneoff("run", "--quiet", here.app, "task")).toEqual(exactly("['task', 'test']\n"));
    expect(await here.oneoff("run", here.app, "task", "a b")).toEqual(exactly("['task', 'test', 'a b']\n"));
    expect((await here.oneoff("run", here.app, "env")).stdout).toContain("SECRET_KEY=fjdkslafjdk\n");
  });

  test("C7 git:from-image failing deploy: can be deployed again, and an unknown image is named", async ({
    onTestFinished,
  }) => {
    const image = `oneoff-e2e-images:${randomUUID().slice(0, 8)}`;
    const script = 'if [ "$FAIL_ON_STARTUP" = true ]; then echo failing; exit 1; fi; sleep 600';
    await buildImage(host, image, `FROM busybox:local\nCMD ${JSON.stringify(["sh", "-c", script])}`);
    onTestFinished(async () => void (await engine.delete(`/images/${image}?force=1`)));
    await using here = await place({ build: false });
    const yaml = (env: string) => here.yaml(`image: ${image}\nenv: {FAIL_ON_STARTUP: "${env}"}\n`);
    await yaml("true");
    const failed = await here.deploy();
    expect([failed.code, failed.stdout]).toEqual([1, ""]);
    // An engine that restarts it at once may have lost its exit code.
    expect(failed.stderr).toMatch(new RegExp(`web\\.1 of ${here.app} exited( with code 1)? before it became healthy`));
    expect(count(failed.stderr, "  failing\n")).toBeGreaterThan(0);
    expect([await here.containers(), await here.tags()]).toEqual([[], []]);
    await yaml("false");
    await here.deployed();
    expect(await here.containers()).toEqual(["web.1 running"]);
    const missing = await here.deploy("--image", "oneoff-e2e-missing:1");
    expect([missing.code, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toContain('Image "oneoff-e2e-missing:1" not found locally; use --pull to pull it');
    expect(await here.containers()).toEqual(["web.1 running"]);
  });

  test("C9 network:set attach: fails to deploy until the network exists", {
    tags: ["full"],
  }, async () => {
    await using here = await place();
    const network = `${here.app}-net`;
    await here.yaml(`networks: [${network}]\n`);
    const { code, stdout, stderr } = await here.deploy();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(network);
    expect([await here.containers(), await here.tags()]).toEqual([[], []]);
    await engine.post("/networks/create", { Name: network });
    try {
      await here.deployed();
      expect(Object.keys((await here.inspect("web.1")).NetworkSettings.Networks)).toEqual([network]);
      await here.oneoff("destroy", "--yes", here.app);
    } finally {
      await engine.delete(`/networks/${network}`);
    }
  });

  test("a build copies the same files as docker build, with the proxies of docker's config.json", {
    tags: ["full"],
  }, async () => {
    const list = "find . ! -name 'oneoff.*' ! -name Procfile | sort | od -An -tx1 | tr -d ' \\n'";
    await using here = await place({
      files: {
        Dockerfile: `FROM busybox:local\nCOPY . /x\nRUN cd /x && echo "listed:$(${list})"\nRUN echo "proxy:$HTTP_PROXY,$no_proxy"\nCMD ["sleep", "600"]\n`,
        ".dockerignore": "Dockerfile\n.dockerignore\ndocker\n",
        "docker/config.json": JSON.stringify({
          proxies: { default: { httpProxy: "http://me:hunter22@proxy:1", noProxy: "local" } },
        }),
      },
    });
    const bytes = (name: string) => Buffer.concat([Buffer.from(`${here.source}/`), Buffer.from(name, "latin1")]);
    await writeFile(bytes("caf\xe9"), "");
    await writeFile(bytes("caf\xc3\xa9"), "");
    await mkdir(bytes("d\xff"));
    await writeFile(bytes("d\xff/x"), "");
    const env = { ...here.settings.env, DOCKER_CONFIG: `${here.source}/docker` };
    const { code, stderr } = await said(
      await start([BINARY, "deploy", "--no-cache"], { ...here.settings, env, timeout: DEPLOY_TIMEOUT_MS }),
    );
    expect(code, stderr).toBe(0);
    // The files that docker build of docker client 28 copies; with Engine 28 and BuildKit it fails for such names.
    const isArchive = stderr.includes("the context is sent as an archive");
    if (inject("engine").version.startsWith("20.10.")) expect(isArchive).toBe(false);
    const names = [".", ...(isArchive ? ["./Dockerfile"] : []), "./caf\xc3\xa9", "./caf\xe9", "./d\xff", "./d\xff/x"];
    const listed = Buffer.from(names.map((name) => `${name}\n`).join(""), "latin1").toString("hex");
    expect(stderr).toContain(`listed:${listed}`);
    expect(stderr).toContain("proxy:http://me:***@proxy:1,local");
    expect(stderr).not.toContain("hunter22");
    const image = await here.image("latest");
    const history = await engine.get(`/images/${image.Id}/history`);
    expect(JSON.stringify([image.Config, history.body])).not.toContain("hunter22");
  });

  test("C10 no defunct processes, C11 init-process: runs an init that reaps zombies, unless oneoff.yaml disables it", {
    tags: ["full"],
  }, async () => {
    // Its parent has exited, so PID 1 has to reap it.
    const Procfile = 'web: sh -c "sleep 0.1 & sh -c true"; exec sleep 600\n';
    await using here = await place({ files: { Procfile } });
    const zombies = async () => {
      const { stdout } = await here.oneoff("exec", here.app, "ps", "-o", "stat,args");
      expect(stdout).toContain("sleep 600");
      return stdout.match(/^Z/gm) ?? [];
    };
    await here.deployed();
    expect((await here.inspect("web.1")).HostConfig.Init).toBe(true);
    expect(await zombies()).toEqual([]);
    await here.yaml("init: false\n");
    await here.deployed();
    expect((await here.inspect("web.1")).HostConfig.Init ?? false).toBe(false);
    expect(await zombies()).toEqual(["Z"]);
  });
});
