import type { AppJson } from "../app/app-json.ts";
import { didYouMean } from "../app/did-you-mean.ts";
import type { Procfile } from "../app/procfile.ts";
import { maskCommand } from "../app/secrets/mask.ts";
import { unknownStep } from "../errors/deploy.ts";
import { STEPS, type StepName } from "./step-names.ts";

export interface Step {
  readonly name: StepName;
  /** The command of a phase. */
  readonly command?: string;
  /** Why the step is skipped; undefined if it runs. */
  readonly skipped?: string;
}

export type ImageSource =
  | { readonly kind: "build"; readonly folder: string }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "archive"; readonly file: string };

export interface DeployFacts {
  readonly source: ImageSource;
  readonly procfile: Procfile;
  readonly appJson: AppJson;
  /** Paths for messages. */
  readonly searchedPaths: { readonly procfile: string; readonly appJson: string };
  /** Whether `scripts.postdeploy` has never succeeded for the app on this engine. */
  readonly isFirst: boolean;
  readonly choice: StepChoice;
}

/** The values of --only, --skip and --from. */
export interface StepChoice {
  readonly only?: readonly StepName[];
  readonly skip?: readonly StepName[];
  readonly from?: StepName;
}

/** Lists all steps, with a reason for each skipped one. */
export function planDeploy(facts: DeployFacts): Step[] {
  const { procfile, appJson, searchedPaths } = facts;
  const { predeploy, postdeploy, firstPostdeploy } = appJson.scripts;
  const describeMissing = (what: string, where: string) => `no ${what} (looked in ${where})`;
  const phases: Readonly<Record<string, [command: string | undefined, missing: string]>> = {
    predeploy: [predeploy, describeMissing("scripts.dokku.predeploy in app.json", searchedPaths.appJson)],
    release: [procfile.get("release"), describeMissing("release command in Procfile", searchedPaths.procfile)],
    postdeploy: [postdeploy, describeMissing("scripts.dokku.postdeploy in app.json", searchedPaths.appJson)],
    "first-postdeploy": [firstPostdeploy, describeMissing("scripts.postdeploy in app.json", searchedPaths.appJson)],
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
  // The build cannot be deselected, because all other steps need its image.
  if (name !== "build") {
    if (only && !only.includes(name)) return "not in --only";
    if (skip?.includes(name)) return "in --skip";
    if (from && STEPS.indexOf(name) < STEPS.indexOf(from)) return `before --from ${from}`;
  }
  return name === "first-postdeploy" && !isFirst ? "it has succeeded before, and runs only once per app" : undefined;
}

const sourceText = (source: ImageSource) =>
  source.kind === "image" ? source.reference : source.kind === "archive" ? `from ${source.file}` : source.folder;

/** @throws OneoffError for an unknown step. */
export function parseStep(text: string, option: string): StepName {
  const step = STEPS.find((one) => one === text);
  if (step === undefined) throw unknownStep(option, text, didYouMean(text, STEPS), STEPS);
  return step;
}

/** The command of a step without secrets. */
export const maskStepCommand = ({ command }: Step) => (command === undefined ? undefined : maskCommand([command]));
