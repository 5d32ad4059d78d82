import { Writable } from "node:stream";
import { startupSnapshot } from "node:v8";
import { systemContext } from "./cli/context.ts";
import { cli } from "./cli/program.ts";

/** The edge: the only reader of our words, and the only place that ends the process. */
async function main(): Promise<void> {
  const context = systemContext();
  const code = await cli(process.argv.slice(2), context);
  await Promise.all([flushed(context.terminal.stdout), flushed(context.terminal.stderr)]);
  // Not left to the end of the event loop: tearing the process down that way costs 10 ms and more.
  process.exit(code);
}

/** Once all that was written has gone, or cannot go. */
const flushed = (stream: Writable) =>
  new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write("", () => resolve());
  });

/**
 * Goes once through what every run goes through before it reaches the engine, while the snapshot is taken: what V8 has
 * compiled is then in it. The rehearsal must leave no open handle behind.
 */
async function rehearse(): Promise<void> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const unavailable = () => {
    throw new Error("not in a rehearsal");
  };
  await cli(["run", "--print", "--image", "image", "-e", "A=1", "app", "command"], {
    env: {},
    cwd: "/",
    terminal: {
      get stdin(): never {
        return unavailable();
      },
      stdout: nowhere(),
      stderr: nowhere(),
      input: "stream",
      outputIsTerminal: false,
      talkIsTerminal: false,
      size: () => undefined,
      raw: unavailable,
      onResize: unavailable,
      onSignal: unavailable,
      suspend: unavailable,
    },
    report: () => () => {},
    openEngine: unavailable,
    readFile: unavailable,
    exists: () => false,
    random: Math.random,
  });
}

if (startupSnapshot.isBuildingSnapshot()) {
  startupSnapshot.setDeserializeMainFunction(() => void main());
  void rehearse();
} else void main();
