import { describe, expect, test } from "vitest";
import type { BuildChoice } from "../../../../src/deploy/image/base-images.ts";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";
import { sessionMounts } from "../../../../src/deploy/image/session-mounts.ts";

const choice: BuildChoice = { builder: "buildkit", args: new Map(), platform: undefined };

/** Each as `line type id`, with a `!` when it is required. */
const mounts = (text: string, more: Partial<BuildChoice> = {}) =>
  sessionMounts(parseDockerfile(text), { ...choice, ...more }).map(
    ({ line, type, id, isRequired }) => `${line} ${type} ${id}${isRequired ? "!" : ""}`,
  );

describe("secrets and SSH agents that a build mounts", () => {
  test.each<[what: string, run: string, expected: string[]]>([
    ["none", "RUN --mount=type=cache,target=/c x", []],
    ["a secret by its id", "RUN --mount=type=secret,id=npm x", ["2 secret npm"]],
    ["a secret by its target", "RUN --mount=type=secret,target=/root/.npmrc x", ["2 secret .npmrc"]],
    ["an SSH agent", "RUN --mount=type=ssh x", ["2 ssh default"]],
    ["an SSH agent with an id", "RUN --mount=type=ssh,id=git,required=true x", ["2 ssh git!"]],
    ["required by its name alone", "RUN --mount=id=a,type=secret,required x", ["2 secret a!"]],
    ["not required", "RUN --mount=type=secret,id=a,required=false x", ["2 secret a"]],
    [
      "several, after other flags",
      "run --network=none --mount=type=ssh --mount=TYPE=secret,id=a x",
      ["2 ssh default", "2 secret a"],
    ],
    [
      "over several lines, with a comment",
      "RUN --network=none \\\n # --mount=type=ssh\n --mount=type=secret,id=a \\\n x",
      ["2 secret a"],
    ],
    ["in quotes", 'RUN --mount=type=secret,id="a" x', ["2 secret a"]],
    ["with a document below", "RUN --mount=type=secret,id=a <<E\nRUN --mount=type=ssh x\nE", ["2 secret a"]],
    ["not in a comment", "# RUN --mount=type=ssh x", []],
    ["not as an argument of the command", "RUN echo --mount=type=ssh", []],
  ])("%s", (_what, run, expected) => expect(mounts(`FROM a\n${run}\n`)).toEqual(expected));

  test("only of the stages that are built", () => {
    const text = "FROM a AS x\nRUN --mount=type=ssh x\nFROM b AS y\nRUN --mount=type=secret,id=s x\n";
    expect(mounts(text)).toEqual(["4 secret s"]);
    expect(mounts(text, { target: "x" })).toEqual(["2 ssh default"]);
    expect(mounts(`${text}COPY --from=x / /\n`)).toEqual(["2 ssh default", "4 secret s"]);
  });
});
