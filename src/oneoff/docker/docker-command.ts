import { containerPart } from "../../app/app-name.ts";
import { maskPair } from "../../app/env.ts";
import { quoteWordsVisibly } from "../../app/quote.ts";
import { LABEL } from "../../identity/labels.ts";
import { escapeControls } from "../../text/escape.ts";
import { shownHost } from "../mask-host.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { hostOptions, type Line } from "./docker-options.ts";

/** Stands for the name that is found when it is made. */
export const ANY_NAME = "run.N";

/**
 * The `docker run` command (of docker 28) that makes the same container, an option a line. The values of variables may be
 * secrets and are not in it. What docker cannot be told is said in comments, above.
 */
export function dockerCommand(
  spec: Pick<OneoffSpec, "app" | "containerName" | "detach" | "moreNetworks" | "body">,
): string {
  const body = spec.body(ANY_NAME);
  // Its option takes one word; more of them are the first of the command's.
  const [entrypoint, ...more] = body.Entrypoint ?? [];
  const lines: Line[] = [
    ["--name", spec.containerName ?? `${containerPart(spec.app)}.${ANY_NAME}`],
    ...(spec.detach ? [["--detach"]] : []),
    ...(body.OpenStdin ? [["--interactive"]] : []),
    ...(body.Tty ? [["--tty"]] : []),
    ...hostOptions(shownHost(body.HostConfig)),
    ...(Object.values(body.NetworkingConfig?.EndpointsConfig ?? {})[0]?.Links ?? []).map((link) => ["--link", link]),
    ...spec.moreNetworks.flatMap(({ network, links }): Line[] => [
      ["--network", network],
      ...links.map((link): Line => ["#", `the link ${link} in the network ${network}`]),
    ]),
    ...(body.User === undefined ? [] : [["--user", body.User]]),
    ...(body.WorkingDir === undefined ? [] : [["--workdir", body.WorkingDir]]),
    ...body.Env.map((pair) => ["--env", shownPair(pair)]),
    // Who runs the command is not who has printed it: what it makes would be taken for deserted.
    ...Object.entries(body.Labels).map(([key, value]) => ["--label", `${key}=${key === LABEL.owner ? "" : value}`]),
    ["--no-healthcheck"],
    ...(body.StopSignal === undefined ? [] : [["--stop-signal", body.StopSignal]]),
    ...(body.StopTimeout === undefined ? [] : [["--stop-timeout", String(body.StopTimeout)]]),
    ...(entrypoint === undefined ? [] : [["--entrypoint", entrypoint]]),
  ];
  const isNote = ([first]: Line) => first === "#";
  const command = [["docker", "run"], ...lines.filter((line) => !isNote(line)), [body.Image, ...more, ...body.Cmd]];
  const notes = lines
    .filter(isNote)
    .map(([, what]) => `# docker run has no option for ${escapeControls(what ?? "")}.\n`);
  return `${notes.join("")}${command.map(quoteWordsVisibly).join(" \\\n  ")}`;
}

const shownPair = (pair: string) => (pair === `DYNO=${ANY_NAME}` ? pair : maskPair(pair));
