import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, expect, inject, vi } from "vitest";
import { api, type ContainerSummary, containers, removeByLabel } from "./docker-api.ts";
import { type ProcessOptions, type StartedProcess, start } from "./process.ts";
import { openPty, type Pty, type PtyExit, type PtyOptions } from "./pty.ts";

export const BINARY = fileURLToPath(new URL("../../dist/oneoff", import.meta.url));

/** What a process has said, as text, and its exit code: null when a signal ended it. */
export type Said = { code: number | null; stdout: string; stderr: string };

// biome-ignore lint/suspicious/noExplicitAny: a test looks at a field or two of an answer, it does not model it
export type Inspected = any;

/** The variables that a container was given: DYNO is each one-off's own, the others are of Podman's making. */
export const givenEnv = ({ Env, Hostname }: { Env: string[]; Hostname: string }): string[] =>
  Env.filter(
    (pair) => pair !== `HOSTNAME=${Hostname}` && !/^(DYNO=|(container=podman|HOME=\/root|TERM=xterm)$)/.test(pair),
  );

/** The code of what is removed while it runs: Podman asks it to end before, since version 5. */
export const REMOVED = /^podman 5/.test(`${inject("engine").name} ${inject("engine").version}`) ? 143 : 137;

/** Limits that a container may be given: without one of both Podman raises that, where it may not. */
export const NARROW = [
  { Name: "nofile", Hard: 512, Soft: 256 },
  { Name: "nproc", Hard: 2048, Soft: 1024 },
];

/** Long enough for a busy machine: nobody waits for it but a test that fails. In ms. */
const COMMAND_TIMEOUT_MS = 60_000;

/** Waits for what `look` expects to come true: it throws as long as it has not. */
export const eventually = <T>(look: () => T | Promise<T>, interval = 50): Promise<T> =>
  vi.waitFor(look, { timeout: COMMAND_TIMEOUT_MS, interval });

export const said = async (live: Pick<StartedProcess, "done">): Promise<Said> => {
  const { code, stdout, stderr } = await live.done;
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
};

/** Waits for something on the screen, as long as it takes on a busy machine. */
export const see = (pty: Pty, pattern: string | RegExp): Promise<string> =>
  pty.waitFor(pattern, COMMAND_TIMEOUT_MS / 2);

/** How a terminal's command has ended; throws with all that was on the screen if it does not. */
export const ended = (pty: Pty): Promise<PtyExit> => {
  const late = Promise.withResolvers<never>();
  const why = () => late.reject(new Error(`Still running; the screen:\n${pty.output}`));
  const timer = setTimeout(why, COMMAND_TIMEOUT_MS / 2);
  return Promise.race([pty.exit, late.promise]).finally(() => clearTimeout(timer));
};

/** The one-offs of a suite, or of one test in it: all carry a label of their own, by which they are found. */
export const oneoffs = (host: string, ...labels: [string, ...string[]]) => {
  const label = labels.at(-1) as string;
  const settings = (options: { env?: ProcessOptions["env"] }) => ({
    ...options,
    env: { DOCKER_HOST: host, ...options.env },
  });
  const plain = (words: readonly string[]) => [BINARY, "run", ...labels.flatMap((l) => ["--label", l]), ...words];
  const argv = (words: readonly string[]) => plain(["--image", "busybox:local", ...words]);
  type Options = Parameters<typeof start>[1];

  const self = {
    host,
    label,
    /** `oneoff run` with these words after it: options, the app, the command. The image is the base image. */
    argv,
    start: (words: readonly string[], options: Options = {}): Promise<StartedProcess> =>
      start(argv(words), { timeout: COMMAND_TIMEOUT_MS, ...settings(options) }),
    run: async (words: readonly string[], options: ProcessOptions = {}): Promise<Said> =>
      said(await self.start(words, options)),
    /** Without an image: the app is looked for. */
    runApp: async (words: readonly string[], options: ProcessOptions = {}): Promise<Said> =>
      said(await start(plain(words), { timeout: COMMAND_TIMEOUT_MS, ...settings(options) })),
    /** A bash script in which `"$@"` is `oneoff run` with these words. One that hangs is ended with all it has started. */
    bash: async (script: string, words: readonly string[], options: ProcessOptions = {}): Promise<Said> =>
      said(await self.startBash(script, words, options)),
    startBash: (script: string, words: readonly string[], options: Options = {}): Promise<StartedProcess> =>
      start(["timeout", "-k", "5", String(COMMAND_TIMEOUT_MS / 1000), "bash", "-c", script, "bash", ...argv(words)], {
        timeout: COMMAND_TIMEOUT_MS + 10_000,
        ...settings(options),
      }),
    /** `oneoff` with these words, whichever command they begin with. */
    oneoff: async (words: readonly string[], options: ProcessOptions = {}): Promise<Said> =>
      said(await start([BINARY, ...words], { timeout: COMMAND_TIMEOUT_MS, ...settings(options) })),
    /** The same at a terminal. */
    ptyOneoff: (words: readonly string[], options: PtyOptions = {}): Promise<Pty> =>
      openPty([BINARY, ...words], { ...settings(options) }),
    /** Starts one without us, with these words after `run --detach`. @returns the container's id. */
    async detached(words: readonly string[], options: ProcessOptions = {}): Promise<string> {
      const { code, stdout, stderr } = await self.run(["--quiet", "--detach", ...words], options);
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    },
    pty: (words: readonly string[], options: PtyOptions = {}): Promise<Pty> =>
      openPty(argv(words), { ...settings(options) }),
    /** A bash script at a terminal, in which `"$@"` is `oneoff run` with these words. */
    ptyBash: (script: string, words: readonly string[], options: PtyOptions = {}): Promise<Pty> =>
      openPty(["bash", "-c", script, "bash", ...argv(words)], { ...settings(options) }),
    containers: () => containers(host, label),
    /** What the engine knows of the one container, once its command runs. */
    async running(): Promise<Inspected> {
      const [{ Id }] = await eventually(async () => {
        const found = (await containers(host, label)).filter(({ State }) => State === "running");
        expect(found).toHaveLength(1);
        return found as [ContainerSummary];
      });
      return (await api(host).get(`/containers/${Id}/json`)).body;
    },
    /** Waits until the engine, which removes them in its own time, has none of them. */
    async gone(): Promise<void> {
      await eventually(async () => {
        const left = (await containers(host, label)).map(({ Names, State }) => `${Names[0]} ${State}`);
        expect(left).toEqual([]);
      });
    },
    /** The same, with one more label: what others of the suite do meanwhile does not show. */
    apart: () => oneoffs(host, ...labels, `test.oneoff.case=${randomUUID()}`),
    /** Ends and removes what is left. */
    [Symbol.asyncDispose]: () => removeByLabel(host, label),
  };
  return self;
};

export type Oneoffs = ReturnType<typeof oneoffs>;

/** For the top of a file: all of its one-offs, which must have gone by themselves when its last test is over. */
export const oneoffSuite = (host: string): Oneoffs => {
  const suite = oneoffs(host, `test.oneoff=${randomUUID()}`);
  afterAll(async () => {
    await using _suite = suite;
    await suite.gone();
  });
  return suite;
};
