import { quoted } from "../../text/quoted.ts";
import type { ComposeServices, InitService } from "./init-compose.ts";
import { type Expressible, type Statement, splitExpressible } from "./init-statement.ts";

/** Content of the working directory and the engine. */
export interface InitFindings {
  readonly folderName: string;
  readonly compose?: ComposeServices;
  readonly procfile?: { readonly types: readonly string[] };
  readonly dockerfile?: boolean;
  /** Apps that have a container. */
  readonly apps: readonly EngineApp[];
}

export interface EngineApp {
  /** Its unique name: `compose:shop/web`. */
  readonly pick: string;
  readonly name: string;
  readonly image: string;
  readonly running: boolean;
}

/** An app to write to oneoff.yaml. */
export interface Draft extends Expressible {
  /** Its original name. */
  readonly originalName: string;
  /** Description with its source. */
  readonly about: string;
}

/** Whether it has a key that oneoff.yaml requires. */
export const hasSource = ({ settings }: Draft) => ["image", "build", "from"].some((key) => settings.has(key));

export function serviceDraft(
  { name, statements, isBuiltHere }: InitService,
  { compose, procfile, apps }: InitFindings,
): Draft {
  const file = compose?.file ?? "";
  const pick = `compose:${compose?.project}/${name}`;
  const isDeployed = apps.some((app) => app.pick === pick);
  return draft(
    name,
    isDeployed
      ? `Service ${quoted(name)} of ${file}, copied from its container.`
      : `Service ${quoted(name)} of ${file}.`,
    isDeployed ? [{ key: "from", value: pick }] : statements,
    isBuiltHere ? procfile : undefined,
  );
}

export const dockerfileDraft = ({ folderName, procfile }: InitFindings) =>
  draft(folderName, "Built from the Dockerfile in this folder.", [{ key: "build", value: "." }], procfile);

/** @param procfile the Procfile of the folder, if it belongs to the app. */
export const engineDraft = ({ pick, name, image, running }: EngineApp, procfile: InitFindings["procfile"]) =>
  draft(
    name,
    `Copied from a ${running ? "running" : "stopped"} container of ${quoted(image)}.`,
    [{ key: "from", value: pick }],
    procfile,
  );

function draft(
  originalName: string,
  about: string,
  statements: readonly Statement[],
  procfile: InitFindings["procfile"],
): Draft {
  const own = procfile ? [...statements, { key: "procfile", value: "./Procfile" }] : statements;
  const types = procfile ? ` Process types of the Procfile: ${procfile.types.join(", ")}.` : "";
  return { originalName, about: about + types, ...splitExpressible(own) };
}
