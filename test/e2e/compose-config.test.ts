// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { expect, test } from "vitest";
import { realCompose } from "../support/compose.ts";
import { type Answer, type ConfigCase, judge, ours, recordCases, recordedCases } from "../support/compose-config.ts";
import { randomOf } from "../support/random.ts";

const compose = await realCompose();

const recorded = recordedCases();

async function judgeAll(cases: readonly ConfigCase[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = [...cases.entries()];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) answers[next[0]] = await judge(compose, next[1]);
  };
  await Promise.all([work(), work(), work()]);
  return answers;
}

const withoutReason = (answer: Answer | Error) => (answer instanceof Error ? "refused" : answer);

test("the recorded answers are still the answers of Compose", {
  ...compose.needed,
  tags: ["full"],
  timeout: 600_000,
}, async () => {
  const answers = await judgeAll(recorded);
  const now = recorded.map((one, index) => ({ ...one, answer: answers[index] as Answer }));
  if (process.env.UPDATE) recordCases(now);
  expect(recorded).toEqual(now);
});

/** Settings of one service, which Compose accepts or not. */
const settingsOf = (isAccepted: boolean) =>
  recorded
    .filter(({ answer }) => (answer !== "refused") === isAccepted)
    .flatMap(({ files }) => /^services: \{web: \{image: x, (.*)\}\}\n$/.exec(String(files))?.[1] ?? []);

const ACCEPTED = settingsOf(true);
const REFUSED = settingsOf(false);

/** Parts of texts; the ones with a meaning are more frequent. */
const PARTS = {
  ports: [
    "80",
    "81",
    "8000-8002",
    ":",
    ":",
    "-",
    "/udp",
    "/tcp",
    "127.0.0.1",
    "[::1]",
    "0",
    "x",
    " ",
    "65535",
    "65536",
  ],
  volumes: [
    "/a",
    "./b",
    "~/c",
    "data",
    ":",
    ":",
    "/t",
    "ro",
    "z",
    ",",
    "rw",
    "Z",
    "nocopy",
    "a",
    "C:",
    "\\",
    "..",
    ".",
  ],
  command: ["a", "b c", " ", "'", '"', "\\", "$$(", "`", ")", "(", ";", "&", ">", "2", "|", "<", "\t", "é", "$$"],
  user: ["$A", "${A}", "${N:-d}", "${E-x}", "${E:-x}", "${N", "}", "{", "$$", "$", "${N:?e}", "${A:+b}", "a", "-", ":"],
};

async function compareRandom(seed: number, count: number): Promise<void> {
  const random = randomOf(seed);
  const one = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const times = <T>(most: number, make: () => T) => Array.from({ length: 1 + Math.floor(random() * most) }, make);
  const setting = () => {
    if (random() < 0.7) return one(random() < 0.9 ? ACCEPTED : REFUSED);
    const key = one(Object.keys(PARTS) as (keyof typeof PARTS)[]);
    const text = JSON.stringify(times(6, () => one(PARTS[key])).join(""));
    return key === "ports" || key === "volumes" ? `${key}: [${text}]` : `${key}: ${text}`;
  };
  const settings = () =>
    [...new Map(times(3, setting).map((text) => [text.split(":", 1)[0], text])).values()].join(", ");
  const cases = Array.from(
    { length: count },
    (_, index): ConfigCase => ({
      name: String(index),
      env: { A: "a", E: "", T: "true" },
      files: {
        "compose.yaml": `services: {web: {image: x, ${settings()}}, two: {image: y}}\nvolumes: {data: , a: }\n`,
        ...(random() < 0.5 && { "compose.override.yaml": `services: {web: {${settings()}}}\n` }),
      },
    }),
  );
  const judged = await judgeAll(cases);
  expect(cases.map((one) => ({ files: one.files, answer: withoutReason(ours(one)) }))).toEqual(
    cases.map(({ files }, index) => ({ files, answer: judged[index] })),
  );
  expect(judged.filter((answer) => answer !== "refused").length).toBeGreaterThan(count / 4);
}

test("reads random projects like Compose", { ...compose.needed, timeout: 120_000 }, () => compareRandom(1, 40));

test("reads many random projects like Compose", { ...compose.needed, tags: ["full"], timeout: 600_000 }, () =>
  compareRandom(2, 400),
);
