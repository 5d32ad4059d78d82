import { describe, expect, test } from "vitest";
import type { BuildChoice } from "../../../../src/deploy/image/base-images.ts";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";
import { sessionMounts } from "../../../../src/deploy/image/session-mounts.ts";

const choice: BuildChoice = { builder: "buildkit", args: new Map(), platform: undefined };

/** Mounts as `line type id`, with `!` if required. */
const mounts = (text: string, more: Partial<BuildChoice> = {}) =>
  sessionMounts(parseDockerfile(text), { ...choice, ...more }).map(
    ({ line, type, id, isRequired }) => `${line} ${type} ${id}${isRequired ? "!" : ""}`,
  );

describe("sessionMounts", () => {
  test.each<[what: string, run: string, expected: string[]]>([
    ["no cache mount", "RUN --mount=type=cache,target=/c x", []],
    ["a secret by its id", "RUN --mount=type=secret,id=npm x", ["2 secret npm"]],
    ["a secret by its target", "RUN --mount=type=secret,target=/root/.npmrc x", ["2 secret .npmrc"]],
    ["an SSH agent", "RUN --mount=type=ssh x", ["2 ssh default"]],
    ["an SSH agent with an id", "RUN --mount=type=ssh,id=git,required=true x", ["2 ssh git!"]],
    ["a secret with required without a value", "RUN --mount=id=a,type=secret,required x", ["2 secret a!"]],
    ["a secret with required=false", "RUN --mount=type=secret,id=a,required=false x", ["2 secret a"]],
    [
      "several mounts after other flags",
      "run --network=none --mount=type=ssh --mount=TYPE=secret,id=a x",
      ["2 ssh default", "2 secret a"],
    ],
    [
      "mounts on continuation lines",
      "RUN --network=none \\\n # --mount=type=ssh\n --mount=type=secret,id=a \\\n x",
      ["2 secret a"],
    ],
    ["a quoted id", 'RUN --mount=type=secret,id="a" x', ["2 secret a"]],
    ["mounts before a heredoc", "RUN --mount=type=secret,id=a <<E\nRUN --mount=type=ssh x\nE", ["2 secret a"]],
    ["no mount in a comment", "# RUN --mount=type=ssh x", []],
    ["no mount in arguments of the command", "RUN echo --mount=type=ssh", []],
  ])("finds %s", (_what, run, expected) => expect(mounts(`FROM a\n${run}\n`)).toEqual(expected));

  test("skips stages that are not built", () => {
    const text = "FROM a AS x\nRUN --mount=type=ssh x\nFROM b AS y\nRUN --mount=type=secret,id=s x\n";
    expect(mounts(text)).toEqual(["4 secret s"]);
    expect(mounts(text, { target: "x" })).toEqual(["2 ssh default"]);
    expect(mounts(`${text}COPY --from=x / /\n`)).toEqual(["2 ssh default", "4 secret s"]);
  });
});
