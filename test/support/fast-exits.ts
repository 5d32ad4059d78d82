import type { Oneoffs, Said } from "./oneoff-suite.ts";

const AT_ONCE = 4;

/**
 * Runs commands that end as soon as they have begun, each with a code and with output of its own.
 * @returns what came out otherwise than it should have: nothing, if all is well.
 */
export const fastExits = async (oneoffs: Oneoffs, count: number): Promise<{ expected: Said; got: Said }[]> => {
  const wrong: { expected: Said; got: Said }[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const number = next++;
      const code = number % 256;
      // Every fourth one writes nothing, as `true` does; the others end in the middle of a line.
      const silent = number % 4 === 0;
      const expected = { code, stdout: silent ? "" : `out\n${number}`, stderr: silent ? "" : `err ${number}` };
      const script = silent ? `exit ${code}` : `printf 'out\\n${number}'; printf 'err ${number}' >&2; exit ${code}`;
      // The engine is quickest without a network to set up: the faster the exits, the tighter the race.
      const got = await oneoffs.run(["--network", "host", "app", "sh", "-c", script]);
      if (JSON.stringify(got) !== JSON.stringify(expected)) wrong.push({ expected, got });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return wrong;
};
