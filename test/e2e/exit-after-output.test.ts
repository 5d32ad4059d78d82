import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { ended, eventually, oneoffSuite } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { run } from "../support/process.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);
const env = { DOCKER_HOST: host };

/** Why there is no docker client, where it cannot be installed. */
const noClient = await install("docker").then(
  () => undefined,
  (error: Error) => error.message,
);

/** Commands whose output ends before or after they exit. `late` is written after the exit. */
const SCRIPTS = [
  { what: "closes its outputs and ends later", script: "exec >&- 2>&-; sleep 2; exit 7", code: 7 },
  { what: "closes all of its streams and ends later", script: "exec <&- >&- 2>&-; sleep 2; exit 0", code: 0 },
  { what: "leaves a child that has its outputs", script: "(sleep 60; echo late) & exit 3", code: 3 },
  { what: "leaves a child without outputs", script: "(exec >&- 2>&-; sleep 60) & exit 4", code: 4 },
];

const printed = async (argv: readonly string[]) => {
  const { code, stdout, stderr } = await run(argv, { env, timeout: 60_000 });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
};

const shown = async (pty: Pty) => ({ code: (await ended(pty)).code, screen: pty.output });

for (const [scope, scripts] of quickAndFull(SCRIPTS, 2))
  describe.concurrent.each(scripts)("a command that $what", scope, ({ script, code }) => {
    const words = ["sh", "-c", `echo begun; ${script}`];

    test("run returns the exit code, as docker run does", async () => {
      const ours = await suite.run(["app", ...words]);
      expect(ours).toEqual({ code, stdout: "begun\n", stderr: "" });
    });

    test("run at a TTY returns the exit code, as docker run does", async () => {
      const { code: ours, screen } = await shown(await suite.pty(["--quiet", "app", ...words]));
      expect({ ours, screen }).toEqual({ ours: code, screen: "begun\r\n" });
    });

    test("exec returns the exit code, as docker exec does", async () => {
      await using mine = suite.apart();
      const container = await mine.detached(["--retain", "0", "app", "sleep", "600"]);
      expect(await mine.oneoff(["exec", container, ...words])).toEqual({ code, stdout: "begun\n", stderr: "" });
    });

    test("exec at a TTY returns the exit code, as docker exec does", async () => {
      await using mine = suite.apart();
      const container = await mine.detached(["--retain", "0", "app", "sleep", "600"]);
      const { code: ours, screen } = await shown(await mine.ptyOneoff(["exec", container, ...words]));
      expect({ ours, screen }).toEqual({ ours: code, screen: "begun\r\n" });
    });

    test("ends the same with docker's client", { ...needs("docker's client"), tags: ["full"] }, async (context) => {
      context.skip(noClient !== undefined, noClient);
      await using mine = suite.apart();
      const container = await mine.detached(["--retain", "0", "app", "sleep", "600"]);
      const plain = { code, stdout: "begun\n", stderr: "" };
      const terminal = { code, screen: "begun\r\n" };
      const pty = (...start: string[]) => openPty(["docker", ...start, ...words], { env });
      // Docker's client may exit before it has written the last output: only its usual result is compared.
      const gives = (look: () => Promise<unknown>, expected: object) =>
        eventually(async () => expect(await look()).toEqual(expected));
      await gives(() => printed(["docker", "run", "--rm", "busybox:local", ...words]), plain);
      await gives(() => printed(["docker", "exec", container, ...words]), plain);
      await gives(async () => shown(await pty("run", "--rm", "-it", "busybox:local")), terminal);
      await gives(async () => shown(await pty("exec", "-it", container)), terminal);
    });
  });
