import type { App } from "../app/app.ts";
import { containerPart } from "../app/app-name.ts";
import type { OneoffSpec } from "../oneoff/spec.ts";

/** What the engine would be told, as JSON. Values of variables may be secrets: only their names are shown. */
export function printSpec(app: App, spec: OneoffSpec): string {
  const body = spec.body("run.N");
  const shown = {
    app: app.name,
    from: app.from,
    name: spec.containerName ?? `${containerPart(app.name)}.run.N`,
    container: { ...body, Env: body.Env.map((pair) => `${pair.slice(0, pair.indexOf("="))}=***`) },
  };
  return `${JSON.stringify(shown, null, 2)}\n`;
}
