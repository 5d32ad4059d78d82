import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseComposeEnv } from "../../src/app/compose-env.ts";
import { realCompose } from "../support/compose.ts";
import { type Judgement, judgeEnvFiles } from "../support/compose-env.ts";
import { randomOf } from "../support/random.ts";

const compose = await realCompose();
const env = { X: "here", EMPTY: "" };

const recorded: readonly { text: string; env?: Readonly<Record<string, string>>; error?: true }[] = JSON.parse(
  readFileSync(new URL("../fixtures/compose-env.json", import.meta.url), "utf8"),
);

function ours(text: string): Judgement {
  try {
    return Object.fromEntries(parseComposeEnv(Buffer.from(text), "e.env", { inherited: env, unset() {} }));
  } catch {
    return "refused";
  }
}

/** Compose accepts some lines without a name, or with white space in it: oneoff rejects them. */
const isMisnamed = (judgement: Judgement | undefined) =>
  typeof judgement === "object" && Object.keys(judgement).some((name) => /^$|\s/.test(name));

/** Parts of env files; the ones with a meaning are more frequent. */
const PARTS = [
  ...["A=", "\nB=", '\nA="', "A", "X", "NONE", "=", "=", "\n", "\n", "\r\n", " ", " ", "\t", "export ", ":"],
  ...["'", "'", '"', '"', '"', '"\n', "\\", "\\n", '\\"', "\\'", "\\$", "\\\\", "\\t", "\\0101", "#", " #"],
  ...["$", "$X", "$$", `\${X}`, `\${NONE:-d}`, `\${NONE-'q'}`, `\${EMPTY:-e}`, `\${X:+y}`, "{", "}", "`", "!", ","],
  ...["a", "b c", "1", ".", "é", "\ufeff", "\u0085", "\u00a0", "\u2003", "\f", "\r"],
];

test("the recorded values are still the values that Compose reads", compose.needed, async () => {
  const texts = recorded.map(({ text }) => text);
  const judged = await judgeEnvFiles(compose, texts, env);
  expect(recorded.map(({ text, env, error }) => [text, error ? "refused" : env])).toEqual(
    texts.map((text, index) => [text, judged[index]]),
  );
});

test("reads the same values as Compose from random env files", compose.needed, async () => {
  const random = randomOf(20_25);
  const one = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const texts = Array.from({ length: 150 }, () => {
    const parts = Array.from({ length: 1 + Math.floor(random() * 7) }, () => one(PARTS));
    return (random() < 0.8 ? "A=" : "") + parts.join("");
  });
  const judged = await judgeEnvFiles(compose, texts, env);
  const compared = texts.flatMap((text, index) => (isMisnamed(judged[index]) ? [] : [{ text, judged: judged[index] }]));
  expect(compared.map(({ text }) => ({ text, judged: ours(text) }))).toEqual(compared);
  expect(compared.filter(({ judged }) => judged !== "refused").length).toBeGreaterThan(50);
});
