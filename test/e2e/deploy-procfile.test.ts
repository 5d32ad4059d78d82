import { describe, expect, inject, test } from "vitest";
import { deployPlace, WEB, type Wish } from "../support/deploy-place.ts";

const host = inject("engineHost");
const place = (wish?: Wish) => deployPlace(host, wish);

describe.concurrent("the Procfile, as with Dokku", () => {
  test("P4 windows newlines: a Procfile with them is read", async () => {
    await using here = await place({ files: { Procfile: "web: sleep 600\r\nrelease: echo fine\r\n" } });
    expect(await here.deployed()).toContain("release: fine\n");
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["sleep", "600"]);
  });

  test("P10 dockerfile with bad procfile: nothing is built", async () => {
    await using here = await place({ files: { Procfile: `<<<<<<< HEAD\n${WEB}=======\n>>>>>>> other\n` } });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(2);
    expect(stderr).toContain("Procfile:1");
    expect(stderr).not.toContain("-----> build");
    expect(await here.containers()).toEqual([]);
  });

  test("P12 no-web: web is skipped, and that is said", async () => {
    await using here = await place({
      files: { Procfile: "worker: sleep 600\n" },
      yaml: "formation: {worker: 1}\n",
    });
    expect(await here.deployed()).toContain("Skipping web as it is missing from the current Procfile");
    expect(await here.containers()).toEqual(["worker.1 running"]);
  });

  test("P7 console-only app: it is deployed with nothing running, and its console is run", async () => {
    await using here = await place({ files: { Procfile: "console: echo Hello world!\n" } });
    await here.deployed();
    expect(await here.containers()).toEqual([]);
    expect((await here.oneoff("run", here.app, "console")).stdout).toBe("Hello world!\n");
    expect((await here.printenv("FOO")).code).toBe(1);
    await here.yaml("env: {FOO: bar}\n");
    await here.deployed();
    expect((await here.printenv("FOO")).stdout).toBe("FOO=bar\n");
  });
});
