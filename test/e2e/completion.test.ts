import { beforeAll, expect, inject, test } from "vitest";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, oneoffSuite, see } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { openPty } from "../support/pty.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

/** A service of Compose, and two apps with the same name, which need more arguments to be distinct. */
beforeAll(async () => {
  const create = async (name: string, Labels: Record<string, string>) => {
    const body = { Image: "busybox:local", Cmd: ["sleep", "1000"], Labels: { ...Labels, [suite.label]: "" } };
    expect((await api(host).post(`/containers/create?name=${name}`, body)).status).toBe(201);
  };
  await Promise.all([
    create("cpa-cpweb-1", { "com.docker.compose.project": "cpa", "com.docker.compose.service": "cpweb" }),
    create("cptwice", {}),
    create("cptwice.web.1", {
      "com.dokku.app-name": "cptwice",
      "com.dokku.container-type": "deploy",
      "com.dokku.process-type": "web",
    }),
    install("zsh", "fish"),
  ]);
});

const MANIFEST = `
aliases: {my-console: run my-app console, shut: stop --all}
apps:
  my-app:
    image: busybox:local
    procfile:
      console: echo the console
`;

/** How to start each shell without a user's settings, with a key that prints the line and empties it. */
const SHELLS = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    setup: [
      'bind "set bell-style none"',
      'eval "$(oneoff completion bash)"',
      'bind -x \'"\\C-x": printf "<%s>\\n" "$READLINE_LINE"; READLINE_LINE=\'',
    ],
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    setup: [
      "autoload -Uz compinit; compinit -D; unsetopt beep",
      'eval "$(oneoff completion zsh)"',
      "shown() { print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N shown; bindkey '^X' shown",
    ],
  },
  fish: {
    argv: ["fish", "--no-config", "-i"],
    setup: [
      "oneoff completion fish | source",
      "function shown; printf '<%s>\\n' (commandline); commandline ''; end; bind \\cx shown",
    ],
  },
} as const;

async function shell(name: keyof typeof SHELLS, files: Record<string, string>) {
  await using undo = new AsyncDisposableStack();
  const place = undo.use(await folder(files));
  const { argv, setup } = SHELLS[name];
  const env = {
    DOCKER_HOST: host,
    PATH: `${BINARY.replace(/\/[^/]*$/, "")}:${process.env.PATH}`,
    HOME: place.path,
    PS1: "$ ",
  };
  const pty = undo.use(await openPty(argv, { cwd: place.path, env, cols: 200 }));
  for (const line of [...setup, "echo re''ady"]) pty.write(`${line}\r`);
  await see(pty, /^ready/m);
  const all = undo.move();
  return { pty, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const [scope, rows] of quickAndFull(["bash", "zsh", "fish"] as const, 1))
  test.concurrent.each(rows)("%s completes what is typed", scope, async (name) => {
    await using opened = await shell(name, {
      "oneoff.yaml": MANIFEST,
      "some.env": "",
      "sub/deep.txt": "",
      "my dump.sql": "",
    });
    const { pty } = opened;
    const lines: [typed: string, line: string][] = [
      ["oneoff depl", "oneoff deploy "],
      ["oneoff run:d", "oneoff run:detached "],
      ["oneoff my-con", "oneoff my-console "],
      ["oneoff shut --qui", "oneoff shut --quiet "],
      ["oneoff run --on-conf", "oneoff run --on-conflict "],
      ["oneoff run --on-conflict=w", "oneoff run --on-conflict=wait "],
      ["oneoff run --on-conflict sk", "oneoff run --on-conflict skip "],
      ["oneoff run my-", "oneoff run my-app "],
      ["oneoff run -q -a my-", "oneoff run -q -a my-app "],
      ["oneoff run cpa", "oneoff run cpa/cpweb "],
      ["oneoff run dokku:cp", "oneoff run dokku:cptwice "],
      ["oneoff run --app=dokku:cp", "oneoff run --app=dokku:cptwice "],
      ["oneoff run my-app conso", "oneoff run my-app console "],
      ["oneoff run my-app ./su", "oneoff run my-app ./sub/"],
      ["oneoff run my-app cat my\\ d", "oneoff run my-app cat my\\ dump.sql "],
      ["oneoff run my-app cat 'my", "oneoff run my-app cat 'my dump.sql' "],
      ["oneoff run --env-file so", "oneoff run --env-file some.env "],
      ["oneoff run --env-file=./so", "oneoff run --env-file=./some.env "],
      ["oneoff deploy my-app ./s", "oneoff deploy my-app ./sub/"],
      ["oneoff help exit-c", "oneoff help exit-codes "],
      ["oneoff help coming-from her", "oneoff help coming-from heroku "],
      ["oneoff nonsense my-", "oneoff nonsense my-"],
    ];
    for (const [typed, line] of lines) {
      pty.write(`${typed}\t\x18`);
      expect((await see(pty, /<oneoff [^>]*>/)).slice(1, -1)).toBe(line);
    }
    expect(pty.output).not.toMatch(/oneoff: /);
  });

test.concurrent("completes nothing, and soon, when the engine does not answer", async () => {
  const dead = { env: { DOCKER_HOST: "unix:///nonexistent/docker.sock" } };
  expect(await suite.oneoff(["__complete", "zsh", "run", ""], dead)).toEqual({ code: 0, stdout: "none\n", stderr: "" });
});
