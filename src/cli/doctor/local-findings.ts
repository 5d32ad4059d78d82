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

/** Minimum free space in bytes: below it, starts fail, or will fail soon. */
const NONE_LEFT = 16 * MiB;
const LITTLE_LEFT = 1024 * MiB;

export const diskFindings = (disks: readonly Disk[]): Finding[] =>
  disks.map(({ what, path, free, total }) => {
    const [about, room] = [`disk (${what})`, `${formatBytes(free)} of ${formatBytes(total)} free at ${path}`];
    const isEngine = what === "engine";
    const next = isEngine ? "docker system prune, or a larger disk" : "remove files that are not needed";
    if (isEngine && free < NONE_LEFT) return fail(about, `${room}: no container can be created`, next);
    return free < (isEngine ? LITTLE_LEFT : NONE_LEFT) ? warn(about, room, next) : ok(about, room);
  });

/** What does not work without the folder. */
const USES: Readonly<Record<Folder["what"], string>> = {
  config: "app-json:set and variables of app.json cannot be stored",
  state: "no journal: oneoff logs and ps --all list only containers",
  cache: "Procfiles are read from their images every time",
};

export const folderFindings = (folders: readonly Folder[]): Finding[] =>
  folders.map(({ what, path, problem }) => {
    const name = `XDG_${what.toUpperCase()}_HOME`;
    if (path === undefined)
      return warn(what, `neither ${name} nor HOME is set: ${USES[what]}`, `export ${name}=/path/to/folder`);
    if (problem === undefined) return ok(what, path);
    return warn(what, `${path}: ${problem}; ${USES[what]}`, `make it writable, or: export ${name}=/path/to/folder`);
  });

export function terminalFindings({ input, isTerminal, size, hasStty, term }: TerminalFacts): Finding[] {
  if (!isTerminal) return [ok("terminal", `none (stdin: ${input}): commands get no TTY without --tty`)];
  const text = `${term ?? "without TERM"}${size ? `, ${size.columns}x${size.rows}` : ""}`;
  if (!hasStty)
    return [
      warn("terminal", `${text}; no stty: the display of full-screen programs may be garbled`, "install coreutils"),
    ];
  if (!term || term === "dumb")
    return [warn("terminal", `${text}: full-screen programs do not work`, "export TERM=xterm-256color")];
  return [ok("terminal", text)];
}

export function proxyFindings({ ofEnvironment, ofDocker }: ProxyFacts): Finding[] {
  const [first] = ofEnvironment;
  if (ofDocker) return [ok("proxies", "docker's config.json: used by one-offs, as in docker run, and by builds")];
  return first === undefined
    ? []
    : [ok("proxies", `${ofEnvironment.join(", ")}: not used for the engine; pass them to one-offs with -e ${first}`)];
}

export function credentialFindings({ missing, problem }: CredentialFacts): Finding[] {
  if (problem !== undefined)
    return [warn("credentials", `${problem}; --pull uses no credentials`, "fix docker's config.json")];
  return missing.map((program) =>
    warn(
      "credentials",
      `${program} not found: --pull uses no credentials`,
      `install ${program}, or remove it from docker's config.json`,
    ),
  );
}
