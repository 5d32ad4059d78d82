import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { enginePlatform } from "../../engine/build.ts";
import { hasImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { noProbe, selftestFailed } from "../../errors/cli.ts";
import { buildProbe } from "../../oneoff/selftest/probe.ts";
import type { ProbeImage } from "../../oneoff/selftest/probe-image.ts";
import { readWhole } from "../../streams/read-whole.ts";
import { type ScriptedTerminal, scriptedTerminal } from "./scripted-terminal.ts";

/** The environment of the checks. */
export interface Bench {
  readonly engine: Transport;
  readonly image: ProbeImage;
  /** A temporary folder. */
  readonly folder: string;
  /** `oneoff run` of the image, at this terminal. @returns its exit code. */
  run(terminal: ScriptedTerminal, files?: { file: string; fetch: string }): Promise<number>;
}

/** `check` throws an error if the check fails. */
export interface Check {
  readonly name: string;
  readonly description: string;
  check(bench: Bench): Promise<void>;
}

/** In order: later checks depend on earlier ones. */
export const CHECKS: readonly Check[] = [
  {
    name: "connect",
    description: "the engine responds",
    check: async ({ engine }) => void (await enginePlatform(engine)),
  },
  {
    name: "image",
    description: "an image with a tiny program can be created",
    async check({ engine, image }) {
      const { arch } = await enginePlatform(engine);
      const program = buildProbe(arch);
      if (!program) throw noProbe(arch);
      await image.create(program);
    },
  },
  {
    name: "streams",
    description: "stdout and stderr are separate, stdin reaches EOF, the exit code is passed on",
    async check(bench) {
      const terminal = scriptedTerminal(false);
      await conversation(bench, terminal, 7, async () => {
        await terminal.waitFor("out\n");
        terminal.stdin.write("in\n");
        await terminal.waitFor("in\n");
        terminal.stdin.end();
      });
      expect("stdout", terminal.out, "out\nin\n");
      expect("stderr", terminal.err, "err\n");
    },
  },
  {
    name: "signal",
    description: "SIGTERM is forwarded and stops the command",
    async check(bench) {
      const terminal = scriptedTerminal(false);
      await conversation(bench, terminal, 143, async () => {
        await terminal.waitFor("out\n");
        terminal.signal("SIGTERM");
      });
    },
  },
  {
    name: "terminal",
    description: "a TTY echoes input, ^D sends EOF",
    async check(bench) {
      const terminal = scriptedTerminal(true);
      await conversation(bench, terminal, 7, async () => {
        await terminal.waitFor("err\r\n");
        terminal.stdin.write("in\n");
        await terminal.waitFor("in\r\nin\r\n");
        terminal.stdin.write("\x04");
      });
      expect("the terminal", terminal.out, "out\r\nerr\r\nin\r\nin\r\n");
    },
  },
  {
    name: "files",
    description: "a file is uploaded before the start and fetched after the exit",
    async check(bench) {
      const terminal = scriptedTerminal(false);
      terminal.stdin.end();
      const [there, back] = [`${bench.folder}/there`, `${bench.folder}/back`];
      const content = randomBytes(100_000);
      writeFileSync(there, content);
      mkdirSync(back);
      const files = { file: `${there}:/file`, fetch: `/file:${back}/file` };
      await conversation(bench, terminal, 7, async () => {}, files);
      expect("the file", readWhole(`${back}/file`).toString("hex"), content.toString("hex"));
    },
  },
  {
    name: "removal",
    description: "the containers and the image are removed",
    async check({ engine, image }) {
      // The engine removes containers after it has reported their exit.
      for (let tries = 0; (await image.containers()).length > 0 && tries < 50; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect("containers", (await image.containers()).join(), "");
      await image[Symbol.asyncDispose]();
      expect("the image", await hasImage(engine, image.name), false);
    },
  },
];

/** @param interact the interaction while it runs. @throws if it exits earlier, or with another code. */
async function conversation(
  bench: Bench,
  terminal: ScriptedTerminal,
  code: number,
  interact: () => Promise<void>,
  files?: { file: string; fetch: string },
) {
  const ended = bench.run(terminal, files);
  await Promise.race([ended, interact()]);
  expect("the exit code", await ended, code);
}

function expect(what: string, found: string | number | boolean, wanted: typeof found) {
  if (found !== wanted) throw selftestFailed(what, found, wanted);
}
