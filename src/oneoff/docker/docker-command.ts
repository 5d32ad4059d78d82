import { containerPart } from "../../app/app-name.ts";
import { maskPair } from "../../app/env.ts";
import { quoteWordsVisibly } from "../../app/quote.ts";
import { COMMON } from "../../engine/quirks.ts";
import { LABEL } from "../../identity/labels.ts";
import { escapeControls } from "../../text/escape.ts";
import { maskHost } from "../mask-host.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { type Line, toHostOptions } from "./docker-options.ts";

/** A placeholder for the name, which is generated on create. */
export const ANY_NAME = "run.N";

/**
 * Formats the `docker run` command (docker 28) for the same container, one option per line. Values of variables may be
 * secrets and are left out. Comments above name what docker has no option for.
 */
export function formatDockerCommand(
  spec: Pick<OneoffSpec, "app" | "containerName" | "platform" | "detach" | "moreNetworks" | "body">,
): string {
  // Docker's client reads the file of a seccomp profile.
  const body = spec.body(ANY_NAME, { ...COMMON, takesProfileText: false });
  // --entrypoint takes one word; further words go before the command.
  const [entrypoint, ...more] = body.Entrypoint ?? [];
  const lines: Line[] = [
    ["--name", spec.containerName ?? `${containerPart(spec.app)}.${ANY_NAME}`],
    ...(spec.detach ? [["--detach"]] : []),
    ...(body.OpenStdin ? [["--interactive"]] : []),
    ...(body.Tty ? [["--tty"]] : []),
    ...(spec.platform === undefined ? [] : [["--platform", spec.platform]]),
    ...(body.Hostname === undefined ? [] : [["--hostname", body.Hostname]]),
    ...(body.Domainname === undefined ? [] : [["--domainname", body.Domainname]]),
    ...toHostOptions(maskHost(body.HostConfig)),
    ...(Object.values(body.NetworkingConfig?.EndpointsConfig ?? {})[0]?.Links ?? []).map((link) => ["--link", link]),
    ...spec.moreNetworks.flatMap(({ network, links }): Line[] => [
      ["--network", network],
      ...links.map((link): Line => ["#", `the link ${link} in the network ${network}`]),
    ]),
    ...(body.User === undefined ? [] : [["--user", body.User]]),
    ...(body.WorkingDir === undefined ? [] : [["--workdir", body.WorkingDir]]),
    ...body.Env.map((pair) => ["--env", maskValue(pair)]),
    // The user who runs the command is another owner: with this one, reaping could remove the container.
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

const maskValue = (pair: string) => (pair === `DYNO=${ANY_NAME}` ? pair : maskPair(pair));
