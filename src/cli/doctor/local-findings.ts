import { formatBytes } from "../../output/units.ts";
import {
  type CredentialFacts,
  type Disk,
  type Finding,
  type Folder,
  fail,
  ok,
  type ProxyFacts,
  type TerminalFacts,
  warn,
} from "./facts.ts";

const MiB = 2 ** 20;

/** Less free space than this, in bytes, is too little to start anything, or soon will be. */
const NONE_LEFT = 16 * MiB;
const LITTLE_LEFT = 1024 * MiB;

export const diskFindings = (disks: readonly Disk[]): Finding[] =>
  disks.map(({ what, path, free, total }) => {
    const [about, room] = [`disk (${what})`, `${formatBytes(free)} of ${formatBytes(total)} free at ${path}`];
    const isEngine = what === "engine";
    const next = isEngine ? "docker system prune, or a larger disk" : `remove what is not needed there`;
    if (isEngine && free < NONE_LEFT) return fail(about, `${room}: no container can be created`, next);
    return free < (isEngine ? LITTLE_LEFT : NONE_LEFT) ? warn(about, room, next) : ok(about, room);
  });

/** What is not there without it. */
const USES: Readonly<Record<Folder["what"], string>> = {
  config: "app-json:set, and variables that app.json has made, cannot be kept",
  state: "no journal is kept: oneoff logs and ps --all know only what the engine has",
  cache: "Procfiles are read from their images again each time",
};

export const folderFindings = (folders: readonly Folder[]): Finding[] =>
  folders.map(({ what, path, problem }) => {
    const name = `XDG_${what.toUpperCase()}_HOME`;
    if (path === undefined)
      return warn(what, `neither ${name} nor HOME is set: ${USES[what]}`, `export ${name}=/a/folder/of/yours`);
    if (problem === undefined) return ok(what, path);
    return warn(what, `${path}: ${problem}; ${USES[what]}`, `make it writable, or: export ${name}=/another/folder`);
  });

export function terminalFindings({ input, isTerminal, size, hasStty, term }: TerminalFacts): Finding[] {
  if (!isTerminal) return [ok("terminal", `none (stdin: ${input}): commands get none either, unless --tty`)];
  const text = `${term ?? "without TERM"}${size ? `, ${size.columns}x${size.rows}` : ""}`;
  if (!hasStty)
    return [
      warn(
        "terminal",
        `${text}; no stty: lines of programs with a screen of their own may be out of place`,
        "install coreutils",
      ),
    ];
  if (!term || term === "dumb")
    return [
      warn("terminal", `${text}: programs with a screen of their own will not draw`, "export TERM=xterm-256color"),
    ];
  return [ok("terminal", text)];
}

export function proxyFindings({ ours, ofDocker }: ProxyFacts): Finding[] {
  const [first] = ours;
  if (ofDocker) return [ok("proxies", "of docker's config.json: one-offs get them, as with docker run, and builds")];
  return first === undefined
    ? []
    : [ok("proxies", `${ours.join(", ")}: not for the way to the engine; one-offs get them by -e ${first}`)];
}

export function credentialFindings({ missing, problem }: CredentialFacts): Finding[] {
  if (problem !== undefined)
    return [warn("credentials", `${problem}; nothing is pulled with credentials`, "mend docker's config.json")];
  return missing.map((program) =>
    warn(
      "credentials",
      `${program} is not there: --pull goes without credentials`,
      `install ${program}, or take it out of docker's config.json`,
    ),
  );
}
