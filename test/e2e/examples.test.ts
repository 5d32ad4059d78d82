import { chmod, cp, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { install, PATH, which } from "../support/packages.ts";
import { run } from "../support/process.ts";

const compose = await realCompose();

/** The examples run on a private engine only: their names may be those that a user's apps have. */
const NEEDED = needs("its own", "docker's client");

const COMMAND_TIMEOUT_MS = 60_000;

let engine: TestEngine;
beforeAll(async () => {
  if (NEEDED.skip) return;
  await install("docker");
  engine = await startEngine();
  await baseImage(engine.host);
  // The image that the examples name cannot be pulled where the tests run.
  await api(engine.host).post("/images/busybox:local/tag?repo=busybox&tag=1.37");
});
afterAll(() => engine?.[Symbol.asyncDispose]());

interface Step {
  readonly command: string;
  /** Matches stdout: "…" is the rest of a line, or alone any number of lines. */
  readonly output: string;
}

/** The commands of the console blocks of a README. */
function stepsOf(markdown: string): Step[] {
  const blocks = Array.from(markdown.matchAll(/^```console\n(.*?)^```$/gms), ([, block = ""]) => block);
  const steps = blocks.flatMap((block) => block.split(/^\$ /m).slice(1));
  return steps.map((step) => {
    const [command = "", ...output] = step.split("\n");
    return { command, output: output.join("\n") };
  });
}

const squeeze = (text: string) => text.replaceAll(/ +/g, " ");

const outputPattern = (output: string) => {
  const escaped = RegExp.escape(squeeze(output)).replaceAll(RegExp.escape("\n"), "\n");
  return new RegExp(`^${escaped.replaceAll(/^…\n/gm, "(?:[^\n]*\n)*?").replaceAll("…", "[^\n]*")}$`);
};

/** The docker client with Compose, which is a plugin where it is installed. */
const dockerWithCompose = () => `#!/bin/sh
[ "$1" != compose ] || { shift; exec "${compose.program}" "$@"; }
exec "${which("docker")}" "$@"
`;

/** Executes a README in a copy of its folder, as a user with oneoff and docker on the PATH does. */
async function follow(example: string) {
  const source = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  await using place = await folder({ "bin/docker": dockerWithCompose() });
  await cp(source, `${place.path}/app`, { recursive: true });
  await chmod(`${place.path}/bin/docker`, 0o755);
  const env = {
    HOME: place.path,
    ...{ XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined },
    DOCKER_HOST: engine.host,
    // Compose builds with BuildKit only where buildx is installed.
    DOCKER_BUILDKIT: "0",
    PATH: `${place.path}/bin:${dirname(BINARY)}:${PATH}`,
  };
  const steps = stepsOf(await readFile(`${source}/README.md`, "utf8"));
  expect(steps.length).toBeGreaterThan(4);
  for (const { command, output } of steps) {
    const options = { cwd: `${place.path}/app`, env, timeout: COMMAND_TIMEOUT_MS };
    const { code, stdout, stderr } = await run(["sh", "-c", command], options);
    expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
    expect(squeeze(`$ ${command}\n${stdout}`)).toMatch(outputPattern(`$ ${command}\n${output}`));
  }
}

test("follows the example of an app under Compose", { ...compose.needed, ...NEEDED }, () =>
  follow("compose-django-like"),
);

// This lasts half a minute, and other tests cover a quick deploy.
test("follows the example of a Dockerfile and a Procfile", { tags: ["full"], ...NEEDED }, () => follow("procfile"));

test("follows the example of a plain container", NEEDED, () => follow("plain-container"));
