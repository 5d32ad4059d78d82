import type { AppJson } from "../app/app-json.ts";
import { didYouMean } from "../app/did-you-mean.ts";
import type { Procfile } from "../app/procfile.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { unknownStep } from "../errors/deploy.ts";

/** The steps of a deploy, in their order. Until `schedule` has passed, nothing that runs is touched and no tag moves. */
export const STEPS = ["build", "predeploy", "release", "schedule", "postdeploy", "first-postdeploy"] as const;

export type StepName = (typeof STEPS)[number];

export interface Step {
  readonly name: StepName;
  /** What a phase runs. */
  readonly command?: string;
  /** Why nothing is done; undefined when something is. */
  readonly skipped?: string;
}

/** Where the image comes from. */
export type ImageSource =
  | { readonly kind: "build"; readonly folder: string }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "archive"; readonly file: string };

/** What a deploy is decided by. */
export interface DeployFacts {
  readonly source: ImageSource;
  readonly procfile: Procfile;
  readonly appJson: AppJson;
  /** Where both were looked for, for people. */
  readonly searchedPaths: { readonly procfile: string; readonly appJson: string };
  /** Whether `scripts.postdeploy` has not succeeded in the app's life on this engine yet. */
  readonly isFirst: boolean;
  readonly choice: StepChoice;
}

/** Which steps somebody wants. */
export interface StepChoice {
  readonly only?: readonly StepName[];
  readonly skip?: readonly StepName[];
  readonly from?: StepName;
}

/** What will be done, what will not, and why. */
export function planDeploy(facts: DeployFacts): Step[] {
  const { procfile, appJson, searchedPaths } = facts;
  const { predeploy, postdeploy, firstPostdeploy } = appJson.scripts;
  const none = (what: string, where: string) => `no ${what} (looked in ${where})`;
  const phases: Readonly<Record<string, [command: string | undefined, missing: string]>> = {
    predeploy: [predeploy, none("scripts.dokku.predeploy in app.json", searchedPaths.appJson)],
    release: [procfile.get("release"), none("release command in Procfile", searchedPaths.procfile)],
    postdeploy: [postdeploy, none("scripts.dokku.postdeploy in app.json", searchedPaths.appJson)],
    "first-postdeploy": [firstPostdeploy, none("scripts.postdeploy in app.json", searchedPaths.appJson)],
  };
  return STEPS.map((name): Step => {
    const [command, missing] = phases[name] ?? [];
    const skipped = reasonToSkip(name, facts) ?? (command === undefined ? missing : undefined);
    return { name, ...(command !== undefined && { command }), ...(skipped !== undefined && { skipped }) };
  });
}

function reasonToSkip(name: StepName, { source, isFirst, choice }: DeployFacts): string | undefined {
  const { only, skip, from } = choice;
  if (name === "build" && source.kind !== "build") return `the image is ${sourceText(source)}`;
  // Without an image there is nothing to go on with.
  if (name !== "build") {
    if (only && !only.includes(name)) return "not in --only";
    if (skip?.includes(name)) return "in --skip";
    if (from && STEPS.indexOf(name) < STEPS.indexOf(from)) return `before --from ${from}`;
  }
  return name === "first-postdeploy" && !isFirst
    ? "it has succeeded before, and runs once in an app's life"
    : undefined;
}

const sourceText = (source: ImageSource) =>
  source.kind === "image" ? source.reference : source.kind === "archive" ? `from ${source.file}` : source.folder;

/** @throws OneoffError for what is no step. */
export function parseStep(text: string, option: string): StepName {
  const step = STEPS.find((one) => one === text);
  if (step === undefined) throw unknownStep(option, text, didYouMean(text, STEPS), STEPS);
  return step;
}

/** The command of a step as people may read it. */
export const maskStepCommand = ({ command }: Step) => (command === undefined ? undefined : maskCommand([command]));
