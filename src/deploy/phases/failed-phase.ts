import { inspectContainer } from "../../engine/containers.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { copiedApp } from "../../oneoff/apps/copied-app.ts";
import type { ResolveContext, Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { Phase } from "../step-names.ts";

/**
 * The image, arguments and variables of a failed phase, from its container, which was kept. No release has them,
 * because the deploy failed.
 */
export async function findFailedPhase(
  { engine, report }: Pick<ResolveContext, "engine" | "report">,
  app: string,
  phase: Phase,
): Promise<(Resolved & { readonly args: readonly string[] }) | undefined> {
  const phases = await listOwn(engine, { label: [`${LABEL.app}=${app}`, `${LABEL.kind}=phase`] });
  const container = phases.find(
    ({ Labels, State }) => State === "exited" && Labels[LABEL.name]?.startsWith(`${phase}.`),
  );
  if (!container) return undefined;
  report({ type: "retrying", app, name: container.Labels[LABEL.name] ?? "" });
  const [{ Config }, resolved] = await Promise.all([
    inspectContainer(engine, container.Id),
    copiedApp({ engine, report }, app, { from: "oneoff", container }),
  ]);
  // The arguments already include the launcher.
  return { ...resolved, app: { ...resolved.app, launcher: undefined }, args: Config.Cmd ?? [] };
}
