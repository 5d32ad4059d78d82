import { randomUUID } from "node:crypto";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { ended, eventually, oneoffs, type Said, see } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";
import type { Pty } from "../support/pty.ts";

const host = inject("engineHost");
const engine = api(host);

const image = `oneoff-e2e-seeds:${randomUUID()}`;
const PROMPT = "app> ";
/** The error prefixes of engines, and their names of a command. */
const INIT = inject("engine").name === "podman" ? "/run/podman-init" : "/sbin/docker-init";
/** A program that prints its arguments. */
const SAYS = '#!/bin/sh\necho "$(basename "$0") $*"\n';
const PROGRAMS = ["bundle", "java", "node", "npm", "rails", "rake"];
beforeAll(() =>
  buildImage(
    host,
    image,
    `FROM busybox:local
    COPY bin /bin
    COPY npm /custom/path/npm
    COPY --chown=1000:1000 app /app
    ENV PS1="${PROMPT}"
    WORKDIR /app
    USER app
    CMD ["sleep", "600"]`,
    {
      ...Object.fromEntries(PROGRAMS.map((name) => [`bin/${name}`, SAYS])),
      "bin/bash": '#!/bin/sh\nexec sh "$@"\n',
      "bin/irb": '#!/bin/sh\nprintf "irb> "\nwhile read -r line; do echo "=> $(($line))"; printf "irb> "; done\n',
      npm: '#!/bin/sh\necho "$NODE_ENV $PATH $*"\n',
      "app/Gemfile": "",
      "app/Procfile": "web: rails server\nconsole: bundle exec racksh\n",
      "app/config.ru": "",
      "app/lib/tasks.rb": "",
      "app/script.sh": '#!/bin/sh\nfor file; do echo "$file: $(wc -c <"$file") bytes"; done\n',
    },
  ),
);
afterAll(async () => {
  expect((await engine.delete(`/images/${image}?force=1`)).status).toBe(200);
});

/** A folder with the one app that is run from there, and a journal of its own. */
async function place(files: Record<string, string | Buffer> = {}) {
  const app = `my-app-${randomUUID().slice(0, 8)}`;
  const here = await folder({ "oneoff.yaml": `app: ${app}\nimage: ${image}\n`, ...files });
  const mine = oneoffs(host, `dev.oneoff.app=${app}`);
  const options = {
    cwd: here.path,
    env: { XDG_STATE_HOME: `${here.path}/state`, XDG_CACHE_HOME: `${here.path}/cache` },
  };
  return {
    app,
    path: here.path,
    oneoff: (...words: string[]): Promise<Said> => mine.oneoff(words, options),
    pty: (...words: string[]): Promise<Pty> => mine.ptyOneoff(words, options),
    containers: mine.containers,
    gone: mine.gone,
    async [Symbol.asyncDispose]() {
      await mine[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

const said = (stdout: string): Said => ({ code: 0, stdout, stderr: "" });

/** Types a line into a shell. @returns the screen between it and the next prompt. */
async function typed(pty: Pty, line: string): Promise<string> {
  pty.write(`${line}\r`);
  const screen = await see(pty, new RegExp(`${RegExp.escape(line)}\r\n[\\s\\S]*?${RegExp.escape(PROMPT)}`));
  return screen.slice(line.length + 2, -PROMPT.length).replaceAll(/\x1b\[\d*[A-Za-z]/g, "");
}

const words = (screen: string) => screen.trim().split(/\s+/);

describe("Heroku's one-off tasks", () => {
  test.concurrent.each(["java -jar db-migrate.jar", "rake db:migrate", "node migrate.js migrate"])(
    "runs Heroku's oneoff run %j",
    async (command) => {
      await using here = await place();
      expect(await here.oneoff("run", command)).toEqual(said(`${command}\n`));
      await here.gone();
    },
  );

  test.concurrent('runs Heroku\'s interactive oneoff run "irb"', async () => {
    await using here = await place();
    await using pty = await here.pty("run", "irb");
    await see(pty, "irb> ");
    pty.write("6 * 7\r");
    await see(pty, "=> 42\r\n");
    pty.write("\x04");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    await here.gone();
  });

  test.concurrent("runs Heroku's oneoff run bash with ls, cd, mkdir, rm, ps, exit, and shows it in ps and in the log", async () => {
    await using here = await place();
    await using pty = await here.pty("run", "bash");
    const name = /run\.\d{4,}/.exec(await see(pty, /Running run\.\d{4,} on my-app-\w+\r\n/))?.[0] as string;
    await see(pty, PROMPT);
    expect(words(await typed(pty, "ls"))).toEqual(["Gemfile", "Procfile", "config.ru", "lib", "script.sh"]);
    expect(await typed(pty, "cd lib")).toBe("");
    expect(await typed(pty, "ls")).toBe("tasks.rb\r\n");
    expect(await typed(pty, "cd ..; mkdir made")).toBe("");
    expect(words(await typed(pty, "ls"))).toContain("made");
    expect(await typed(pty, "rm -r made")).toBe("");
    expect(words(await typed(pty, "ls"))).not.toContain("made");
    expect(await typed(pty, "ps ax")).toMatch(
      new RegExp(String.raw`^ +1 app +${INIT} -- bash\r\n +\d+ app +sh\r\n`, "m"),
    );

    const { code, stdout, stderr } = await here.oneoff("ps", here.app);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [heading, line, ...rest] = stdout.split("\n");
    expect([heading, ...rest]).toEqual(["=== run: one-off processes", ""]);
    const time = String.raw`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \(~ \d+[sm] ago\)`;
    expect(line).toMatch(new RegExp(`^${RegExp.escape(name)}: up ${time}: \`bash\`$`));

    pty.write("exit\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    await here.gone();
    expect(await here.oneoff("ps", here.app)).toEqual({
      ...said(""),
      stderr: `No one-offs of ${here.app} are running\n`,
    });
    // Its output went to the terminal: the log has only its events.
    const log = (await here.oneoff("logs", name)).stdout.trim().split("\n");
    expect(log.map((one) => one.replace(/^\S+ /, "").replace(/ by user \S+$/, ""))).toEqual([
      `oneoff[${name}]: Starting process with command \`bash\``,
      `oneoff[${name}]: State changed from starting to up`,
      `oneoff[${name}]: Process exited with status 0`,
      `oneoff[${name}]: State changed from up to complete`,
    ]);
  });

  test.concurrent("lists Heroku's process that has not started yet as starting", async () => {
    await using here = await place();
    await using holder = await here.pty("run", "--lock", here.app, "irb");
    await see(holder, "irb> ");
    await using waiting = await here.pty("run", "--lock", here.app, "--on-conflict", "wait", "bash");
    await see(waiting, "waiting for lock ");
    const { stdout } = await here.oneoff("ps", here.app);
    expect(
      stdout.replaceAll(/run\.\d{4,}: (\w+) \d{4}(\/\d\d){2} \d\d(:\d\d){2} \(~ \d+[sm] ago\)/g, "run.N: $1"),
    ).toBe(
      `=== run: one-off processes\n${["run.N: starting: `bash`", "run.N: up: `irb`"]
        .sort((a, b) => stdout.indexOf(a.slice(-6)) - stdout.indexOf(b.slice(-6)))
        .join("\n")}\n`,
    );
    waiting.write("\x03");
    expect(await ended(waiting)).toEqual({ code: 130, signal: null });
    holder.write("\x04");
    await ended(holder);
    await here.gone();
  });
});

describe("Scalingo's one-off containers", () => {
  test.concurrent("runs Scalingo's oneoff run ls, and oneoff run 'ls -l'", async () => {
    await using here = await place();
    expect(await here.oneoff("run", "ls")).toEqual(said("Gemfile\nProcfile\nconfig.ru\nlib\nscript.sh\n"));
    const { code, stdout, stderr } = await here.oneoff("run", "ls -l");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [total, ...lines] = stdout.trim().split("\n");
    expect(total).toMatch(/^total \d+$/);
    expect(lines.map((line) => line.replace(/ +\d+ \w{3} +\d+ [\d:]+ /, " "))).toEqual([
      "-rwxr-xr-x    1 app      app Gemfile",
      "-rwxr-xr-x    1 app      app Procfile",
      "-rwxr-xr-x    1 app      app config.ru",
      "drwxr-xr-x    2 app      app lib",
      "-rwxr-xr-x    1 app      app script.sh",
    ]);
    await here.gone();
  });

  test.concurrent("runs Scalingo's oneoff --app my-app run --env VAR1=VAL1 --env VAR2=VAL2 bash", async () => {
    await using here = await place();
    const env = ["--env", "VAR1=VAL1", "--env", "VAR2=VAL2"];
    await using pty = await here.pty("--app", here.app, "run", ...env, "bash");
    await see(pty, PROMPT);
    expect(words(await typed(pty, "ls"))).toContain("Procfile");
    expect((await typed(pty, "env | grep VAR")).split("\r\n").sort()).toEqual(["", "VAR1=VAL1", "VAR2=VAL2"]);
    // No created file may appear in production: the next one-off is as fresh as this one was.
    await typed(pty, "touch created");
    pty.write("exit\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect((await here.oneoff("run", "ls")).stdout).not.toContain("created");
    await here.gone();
  });

  test.concurrent("runs Scalingo's oneoff --app my-app run --file ./dump.tar bash, which extracts and uses the archive", async () => {
    await using here = await place({
      "dump/collection1.bson": "\x16\0\0\0",
      "dump/collection1.metadata.json": "{}",
      "dump/collection2.metadata.json": '{"options": {}}',
    });
    utimesSync(join(here.path, "dump"), 1_000_000_000, 1_000_000_000);
    const tar = ["tar", "-C", here.path, "--sort=name", "-cf", join(here.path, "dump.tar"), "dump"];
    expect((await run(tar)).code).toBe(0);

    await using pty = await here.pty("--app", here.app, "run", "--file", "./dump.tar", "bash");
    await see(pty, PROMPT);
    // On a slow machine progress is shown meanwhile, and erased.
    const screen = pty.output.replaceAll(/(upload [^\r]*)?\r\x1b\[J/g, "");
    expect(screen.split("\r\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^Uploading \.\/dump\.tar to run\.\d{4,}:\/tmp\/uploads\/dump\.tar$/),
      expect.stringMatching(new RegExp(`^Running run\\.\\d{4,} on ${here.app}$`)),
    ]);
    expect(await typed(pty, "ls /tmp/uploads")).toBe("dump.tar\r\n");
    expect(await typed(pty, "tar -C /tmp -xvf /tmp/uploads/dump.tar")).toBe(
      ["", "collection1.bson", "collection1.metadata.json", "collection2.metadata.json"]
        .map((file) => `dump/${file}\r\n`)
        .join(""),
    );
    expect(await typed(pty, "/app/script.sh /tmp/dump/*.json")).toBe(
      "/tmp/dump/collection1.metadata.json: 2 bytes\r\n/tmp/dump/collection2.metadata.json: 15 bytes\r\n",
    );
    expect(await typed(pty, "rm /tmp/uploads/dump.tar && ls -A /tmp/uploads")).toBe("");
    pty.write("exit\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    await here.gone();
  });
});

describe("dokku's one-off tasks", () => {
  const NODE_APP = (app: string) => ({ "oneoff.yaml": `apps:\n  ${app}: {image: "${image}"}\n  other: {image: x}\n` });
  const app = () => `node-js-app-${randomUUID().slice(0, 8)}`;

  test.concurrent("runs dokku's oneoff run node-js-app ls -lah, also with --no-tty, at a terminal", async () => {
    await using here = await place();
    for (const option of [[], ["--no-tty"]]) {
      await using pty = await here.pty("run", ...option, here.app, "ls", "-lah");
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
      expect(pty.output).toMatch(/^-rwxr-xr-x +1 app +app +\d+ .* Procfile\r\n/m);
      // It is printed only where keys go to the command.
      expect(pty.output.includes("Running run.")).toBe(option.length === 0);
    }
    await here.gone();
  });

  test.concurrent('runs dokku\'s oneoff run --env "NODE_ENV=development" --env "PATH=/custom/path" node-js-app npm run mytask', async () => {
    await using here = await place();
    const env = ["--env", "NODE_ENV=development", "--env", "PATH=/custom/path"];
    expect(await here.oneoff("run", ...env, here.app, "npm", "run", "mytask")).toEqual(
      said("development /custom/path run mytask\n"),
    );
  });

  test.concurrent("runs dokku's oneoff run my-app console from the Procfile in the image", async () => {
    await using here = await place();
    expect(await here.oneoff("run", here.app, "console")).toEqual(said("bundle exec racksh\n"));
    await here.gone();
  });

  test.concurrent("runs dokku's oneoff --label=com.example.test-label=value run node-js-app ls -lah, also with the label after run", async () => {
    await using here = await place();
    const label = "--label=com.example.test-label=value";
    for (const beginning of [
      [label, "run"],
      ["run", label],
    ]) {
      const { code, stdout } = await here.oneoff(...beginning, "--detach", "--quiet", here.app, "ls", "-lah");
      expect(code).toBe(0);
      const { Labels } = (await engine.get(`/containers/${stdout.trim()}/json`)).body.Config;
      expect(Labels).toMatchObject({ "com.example.test-label": "value", "dev.oneoff.app": here.app });
    }
    for (const reserved of ["com.dokku.app-name=x", "org.label-schema.name=x"]) {
      expect(await here.oneoff(`--label=${reserved}`, "run", here.app, "ls", "-lah")).toMatchObject({ code: 125 });
    }
  });

  test.concurrent("runs dokku's oneoff run:detached node-js-app ls -lah, which prints the id of the new container", async () => {
    const name = app();
    await using here = await place(NODE_APP(name));
    const mine = oneoffs(host, `dev.oneoff.app=${name}`);
    await using _mine = mine;
    const { code, stdout, stderr } = await here.oneoff("run:detached", name, "ls", "-lah");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(stderr).toMatch(/^(run\.\d{4,}) is running in the background; follow it with: oneoff logs --follow \1\n$/);
    const id = stdout.trim();
    expect(await here.oneoff("wait", id)).toEqual(said(""));
    const [kept] = await eventually(async () => {
      const found = await mine.containers();
      expect(found).toMatchObject([{ Id: id, State: "exited" }]);
      return found;
    });
    expect(kept?.Names).toEqual([`/${name}.${stderr.split(" ")[0]}`]);
    const { stdout: log } = await here.oneoff("logs", "--raw", id);
    expect(log).toMatch(/^-rwxr-xr-x +1 app +app +\d+ .* Procfile$/m);
  });
});
