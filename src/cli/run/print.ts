import type { App } from "../../app/app.ts";
import { containerPart } from "../../app/app-name.ts";
import { maskPair } from "../../app/env.ts";
import type { EngineQuirks } from "../../engine/quirks.ts";
import { ANY_NAME, formatDockerCommand } from "../../oneoff/docker/docker-command.ts";
import { maskHost } from "../../oneoff/mask-host.ts";
import type { OneoffSpec } from "../../oneoff/spec/spec.ts";
import type { Place } from "../../oneoff/swarm/placement/place.ts";
import { escapedJson } from "../../text/escape.ts";

export type PrintFormat = "json" | "docker";

/** Prints the create request. Values of variables may be secrets, so only their names are printed. */
export function printSpec(
  app: App,
  spec: OneoffSpec,
  format: PrintFormat,
  quirks: EngineQuirks,
  place?: Place,
): string {
  const node = place?.node?.Description.Hostname;
  if (format === "docker") {
    const comment = place
      ? `# on node ${node}${place.way === "sibling" ? ", beside the container HOLDER of a service that oneoff creates" : ""}\n`
      : "";
    return `${comment}${formatDockerCommand(spec)}\n`;
  }
  return `${escapedJson({ ...shownSpec(app, spec, quirks), ...(place && { way: place.way, node }) }, 2)}\n`;
}

function shownSpec(app: App, spec: OneoffSpec, quirks: EngineQuirks) {
  const body = spec.body(ANY_NAME, quirks);
  return {
    app: app.name,
    from: app.from,
    name: spec.containerName ?? `${containerPart(app.name)}.${ANY_NAME}`,
    ...(spec.platform !== undefined && { platform: spec.platform }),
    container: {
      ...body,
      Env: body.Env.map(maskPair),
      HostConfig: maskHost(body.HostConfig),
    },
  };
}
