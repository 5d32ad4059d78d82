import { launcherOfImage } from "../../app/buildpacks.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { LABEL } from "../../identity/labels.ts";
import { buildSpec, type OneoffSpec, type RunFacts } from "../../oneoff/spec/spec.ts";
import type { DeployApp } from "../../release/release.ts";
import type { Phase } from "../step-names.ts";
import { phaseCommand } from "./phase-command.ts";

export interface PhaseRequest {
  readonly app: DeployApp;
  readonly phase: Phase;
  /** The line in app.json or the Procfile. */
  readonly command: string;
  /** The number of the new release. */
  readonly release: number;
  /** In seconds. */
  readonly timeout?: number | undefined;
}

/**
 * The one-off that runs a phase, without a TTY and with empty stdin.
 * @throws OneoffError for a command that the entrypoint of the image cannot run.
 */
export function phaseSpec(
  { app, phase, command, release, timeout }: PhaseRequest,
  image: ImageDetails,
  facts: Pick<RunFacts, "owner">,
): OneoffSpec {
  const { settings } = app;
  const launcher = launcherOfImage(image.Config ?? {});
  const imageEntrypoint = launcher ? undefined : image.Config?.Entrypoint;
  const entrypoint = settings.entrypoint?.length ? settings.entrypoint : imageEntrypoint;
  const argv = phaseCommand({ phase, line: command }, entrypoint, settings.shell);
  return buildSpec(
    { ...app, from: "release", image: image.Id, procfile: new Map(), launcher },
    {
      args: [command],
      phase: { name: phase, argv },
      env: new Map(),
      labels: new Map([[LABEL.release, String(release)]]),
      detach: false,
      tty: false,
      binds: [],
      mounts: [],
      ...(timeout !== undefined && { timeout }),
    },
    { ...facts, input: "empty", outputIsTerminal: false, size: undefined },
  );
}
