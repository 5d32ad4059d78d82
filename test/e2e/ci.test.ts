import { randomUUID } from "node:crypto";
import { chmod } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { folder } from "../support/folder.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");

const SCRIPT = "#!/bin/sh\n";

/** A project for such a pipeline, with an app that no other test has. */
async function project() {
  const app = `app-${randomUUID().slice(0, 8)}`;
  const place = await folder({
    Dockerfile: 'FROM busybox:local\nCOPY smoke-test import /app/\nWORKDIR /app\nCMD ["sleep", "600"]\n',
    "smoke-test": `${SCRIPT}test -z "$TERM" && echo tested\n`,
    import: `${SCRIPT}echo imported\n`,
    "oneoff.yaml": `app: ${app}\nbuild: .\nprocesses: {health-wait: 1s, stop-grace: 1s, drain: 0s}\n`,
  });
  await chmod(`${place.path}/smoke-test`, 0o755);
  await chmod(`${place.path}/import`, 0o755);
  const env = {
    DOCKER_HOST: host,
    PATH: `${dirname(BINARY)}${delimiter}${process.env.PATH}`,
    ...{ HOME: place.path, XDG_STATE_HOME: undefined },
  };
  const sh = async (script: string, more: Record<string, string> = {}) =>
    said(await start(["sh", "-e", "-c", script], { cwd: place.path, env: { ...env, ...more }, timeout: 110_000 }));
  /** The pipeline of the help, with the test's app. */
  const pipeline = async (service: string) => {
    const { code, stdout, stderr } = await sh(`oneoff help ci ${service}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return parse(stdout.replaceAll("my-app", app));
  };
  return {
    ...{ app, sh, pipeline },
    async [Symbol.asyncDispose]() {
      await sh(`oneoff destroy --yes ${app}`);
      await place[Symbol.asyncDispose]();
    },
  };
}

describe("pipelines of oneoff help ci", () => {
  test.concurrent("runs the pipeline of oneoff help ci for GitHub", async () => {
    await using mine = await project();
    const { app, sh, pipeline } = mine;
    const { on, jobs } = await pipeline("github");
    expect(on.push.branches).toEqual(["main"]);
    const { steps } = jobs.deploy as { steps: { uses?: string; run?: string }[] };
    const outcomes = [];
    for (const { run } of steps.filter(({ run }) => run))
      outcomes.push(await sh(run ?? "", { GITHUB_ACTIONS: "true" }));
    const [doctor, deploy, smoke, imported] = outcomes;
    expect(doctor).toMatchObject({ code: 0, stderr: "" });
    expect(deploy).toMatchObject({
      code: 0,
      stdout: `oneoff/${app}:v1\n`,
      stderr: expect.stringContaining("::group::"),
    });
    expect(smoke).toMatchObject({ code: 0, stdout: "tested\n" });
    expect(imported).toMatchObject({ code: 0, stdout: "imported\n" });
    // The step that shows whether the deploy or the app failed.
    const [last] = steps.slice(-1);
    const failed = await sh((last?.run ?? "").replaceAll("./import", "sh -c 'exit 9'"));
    expect(failed).toMatchObject({ code: 9, stdout: "" });
    const broken = await sh(last?.run ?? "", { DOCKER_HOST: "/nonexistent/docker.sock" });
    expect(broken).toMatchObject({ code: 125, stdout: expect.stringMatching(/^fail +engine/m) });
  });

  test.concurrent("runs the pipeline of oneoff help ci for GitLab", async () => {
    await using mine = await project();
    const { app, sh, pipeline } = mine;
    const { stages, ...jobs } = await pipeline("gitlab");
    type Job = { stage?: string; script?: string[]; when?: string };
    const scripts = Object.values(jobs as Record<string, Job>).filter(
      ({ script, when }) => script && when !== "manual",
    );
    const inOrder = stages.flatMap((stage: string) => scripts.filter((job) => job.stage === stage)) as Job[];
    expect(inOrder).toHaveLength(3);
    const outcomes = [];
    for (const { script = [] } of inOrder) outcomes.push(await sh(script.join("\n"), { GITLAB_CI: "true" }));
    expect(outcomes).toMatchObject([
      { code: 0, stdout: expect.stringMatching(new RegExp(`oneoff/${app}:v1\n$`)) },
      { code: 0, stdout: "tested\n" },
      { code: 0, stdout: "imported\n" },
    ]);
  });
});
