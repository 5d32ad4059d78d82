import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { DEPLOY_TIMEOUT_MS, deployPlace, scripts } from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { eventually } from "../support/oneoff-suite.ts";
import { install, which } from "../support/packages.ts";

const host = inject("engineHost");
const engine = api(host);

beforeAll(() => install("bash-static"), DEPLOY_TIMEOUT_MS);

/**
 * A slug as herokuish and dokku make it: the app and its profile in /app, no WORKDIR, the variable USER. Its programs
 * are stand-ins for the real ones: two load the profile, drop root through the third, and evaluate their arguments
 * twice.
 */
const SETUIDGID = `#!/bin/sh
user=$1
shift
exec su -m -s /bin/sh -c 'exec "$@"' -- "$user" sh "$@"
`;
const EXEC = `#!/bin/bash
export HOME=/app
cd "$HOME" || exit 1
for file in /app/.profile.d/*.sh; do source "$file"; done
exec setuidgid "$USER" $(eval echo "$@")
`;
const START = `#!/bin/bash
command=$(sed -n "s/^ *$1: //p" /app/Procfile /app/.release 2>/dev/null | head -n 1)
[ -n "$command" ] || { echo "Proc entrypoint $1 does not exist. Please check your Procfile"; exit 1; }
exec /exec "$command"
`;
const RELEASE = "default_process_types:\n  web: /app/serve of the buildpack\n";
const SERVE = '#!/bin/sh\necho "$* $PROFILE $HOME $PWD $(id -un) $PORT"\nexec sleep 1000\n';
const PROCFILE =
  'web: ./serve "$PROFILE" web\ntask: printf \'<%s>\' "$PROFILE"\nrelease: echo "release $PROFILE $HOME"\n';
const APP_JSON = JSON.stringify({
  ...JSON.parse(scripts({ predeploy: 'echo "$PROFILE" >predeployed' })),
  healthchecks: { web: [{ type: "startup", command: ["sh", "-c", 'test "$PROFILE" = "so urced"'] }] },
});

async function slug(files: { Procfile?: string; "app.json"?: string }, isLabelled: boolean): Promise<string> {
  const bash = await readFile(which("bash-static") as string);
  const dockerfile = `FROM busybox:local
    COPY bash setuidgid /bin/
    COPY exec start /
    COPY app /app
    RUN echo herokuishuser:x:32767:32767::/app:/bin/bash >>/etc/passwd && chown -R 32767 /app
    ENV USER=herokuishuser
    ${isLabelled ? "LABEL com.dokku.builder-type=herokuish" : ""}`;
  const app = Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text]));
  return await buildImage(host, `oneoff-e2e-slug:${randomUUID().slice(0, 8)}`, dockerfile, {
    ...{ bash, setuidgid: SETUIDGID, exec: EXEC, start: START, "app/.release": RELEASE, "app/serve": SERVE, ...app },
    "app/.profile.d/app.sh": "export PROFILE='so urced'\n",
  });
}

describe.concurrent.each([
  ["that dokku has marked", true],
  ["that only its variables tell", false],
])("image of herokuish %s", (_what, isLabelled) => {
  test("runs every command of a deployed herokuish app with its profile, argument for argument", async ({
    onTestFinished,
  }) => {
    const image = await slug({ Procfile: PROCFILE, "app.json": APP_JSON }, isLabelled);
    onTestFinished(async () => void (await engine.delete(`/images/${image}?force=1`)));
    await using here = await deployPlace(host, { build: false, yaml: `image: ${image}\n` });
    const show = ["sh", "-c", 'printf "%s|" "$PROFILE" "$HOME" "$PWD" "$(id -un)" "$@"', "sh", "a  b", "$c", "(d)"];
    const shown = { code: 0, stdout: "so urced|/app|/app|herokuishuser|a  b|$c|(d)|", stderr: "" };
    // The app was never deployed: only the image is known.
    expect(await here.oneoff("run", here.app, ...show)).toEqual(shown);

    const deployed = await here.deployed();
    // A phase.
    expect(deployed).toContain("release so urced /app\n");
    // A deployed process, which its health command has found healthy.
    await eventually(async () =>
      expect(await here.output("web.1")).toContain("so urced web so urced /app /app herokuishuser 5000\n"),
    );
    expect(await here.oneoff("run", here.app, ...show)).toEqual(shown);
    expect(await here.oneoff("run", "--quiet", here.app, "task")).toEqual({ ...shown, stdout: "<so urced>" });
    expect(await here.oneoff("run", "--quiet", here.app, "task", "a  b")).toEqual({
      ...shown,
      stdout: "<so urced><a  b>",
    });
    expect(await here.oneoff("exec", here.app, ...show)).toEqual(shown);
    // The changes of predeploy.
    expect(await here.oneoff("run", here.app, "cat", "predeployed")).toEqual({ ...shown, stdout: "so urced\n" });
    // In a one-off.
    const started = await here.oneoff("run", "--quiet", "--detach", here.app, "sleep", "600");
    expect(await here.oneoff("exec", started.stdout.trim(), ...show)).toEqual(shown);
    expect(await here.oneoff("stop", started.stdout.trim())).toMatchObject({ code: 0 });
    // Its process ends at SIGTERM: it has no shell as its parent.
    expect(await here.oneoff("ps:stop", here.app)).toMatchObject({ code: 0 });
    expect((await here.inspect("web.1")).State.ExitCode).toBe(143);
  });

  test("runs the buildpack's web command in a herokuish image without a Procfile", async ({ onTestFinished }) => {
    const image = await slug({}, isLabelled);
    onTestFinished(async () => void (await engine.delete(`/images/${image}?force=1`)));
    await using here = await deployPlace(host, { build: false, yaml: `image: ${image}\n` });
    await here.deployed();
    expect((await here.inspect("web.1")).Config.Cmd).toEqual(["/start", "web"]);
    await eventually(async () =>
      expect(await here.output("web.1")).toContain("of the buildpack so urced /app /app herokuishuser 5000\n"),
    );
  });
});
