import { launcherOfImage } from "../../app/buildpacks.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { LABEL } from "../../identity/labels.ts";
import { type OneoffSpec, oneoffSpec, type RunFacts } from "../../oneoff/spec/spec.ts";
import type { DeployApp } from "../../release/release.ts";
import { type Phase, phaseCommand } from "./phase-command.ts";

export interface PhaseRequest {
  readonly app: DeployApp;
  readonly phase: Phase;
  /** As app.json or the Procfile has it. */
  readonly command: string;
  /** The number of the release that is being made. */
  readonly release: number;
  /** In seconds. */
  readonly timeout?: number | undefined;
}

/**
 * A phase as the one-off that it is: without a terminal, and with nothing to read.
 * @throws OneoffError for a command that the image's entrypoint cannot be given.
 */
export function phaseSpec(
  { app, phase, command, release, timeout }: PhaseRequest,
  image: ImageDetails,
  facts: Pick<RunFacts, "owner">,
): OneoffSpec {
  const { settings } = app;
  const launcher = launcherOfImage(image.Config ?? {});
  const ofImage = launcher ? undefined : image.Config?.Entrypoint;
  const entrypoint = settings.entrypoint?.length ? settings.entrypoint : ofImage;
  const argv = phaseCommand({ phase, line: command }, entrypoint, settings.shell);
  return oneoffSpec(
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
