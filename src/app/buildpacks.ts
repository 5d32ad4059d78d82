import type { Procfile } from "./procfile.ts";
import { quoteWords } from "./quote.ts";

/** What gives commands in an image of buildpacks the environment that the app's own processes have. */
export interface Launcher {
  readonly kind: "cnb" | "herokuish";
  /** Whether the app's processes are started without a shell, and so without scripts in profile.d. */
  readonly isDirect: boolean;
  /** The process types that the build has recorded. */
  readonly processes: Procfile;
}

/** The words of a container, and the entrypoint that they are given to, where it is not the image's. */
export interface Launch {
  readonly entrypoint?: readonly string[];
  readonly argv: readonly string[];
}

interface ImageFacts {
  readonly labels: Readonly<Record<string, string>> | null | undefined;
  readonly env?: readonly string[] | null | undefined;
}

/** In the engine's spelling. */
interface ImageConfig {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
}

/** On what oneoff makes of an image of herokuish, which else only its variables may tell: lists of the engine have none. */
export const LAUNCHER_LABEL = "dev.oneoff.launcher";

const CNB_METADATA = "io.buildpacks.build.metadata";
const LAUNCHER = "/cnb/lifecycle/launcher";

export function launcherOf({ labels, env }: ImageFacts): Launcher | undefined {
  // Images to build with, and to build upon, have other labels.
  if (labels?.[CNB_METADATA] !== undefined || labels?.["io.buildpacks.lifecycle.metadata"] !== undefined) {
    return { kind: "cnb", ...recorded(labels[CNB_METADATA]) };
  }
  const isHerokuish =
    labels?.[LAUNCHER_LABEL] === "herokuish" ||
    labels?.["com.dokku.builder-type"] === "herokuish" ||
    env?.includes("USER=herokuishuser");
  return isHerokuish ? { kind: "herokuish", isDirect: false, processes: new Map() } : undefined;
}

/** Since Platform API 0.10 a command is a list. */
interface RecordedProcess {
  readonly type?: unknown;
  readonly command?: unknown;
  readonly args?: unknown;
  readonly direct?: unknown;
}

function recorded(text: string | undefined): Pick<Launcher, "isDirect" | "processes"> {
  const found = processesIn(text).filter(
    (one): one is RecordedProcess & { type: string } => typeof one?.type === "string",
  );
  const line = ({ command, args, direct }: RecordedProcess) => {
    const words = [command, args].flat().filter((word) => typeof word === "string");
    return words.length === 1 && !direct ? (words[0] ?? "") : quoteWords(words);
  };
  return {
    isDirect: found.every(({ direct }) => direct !== false),
    processes: new Map(found.map((one) => [one.type, line(one)])),
  };
}

function processesIn(text = "{}"): readonly (RecordedProcess | null)[] {
  try {
    const { processes } = JSON.parse(text) as { processes?: unknown };
    return Array.isArray(processes) ? processes : [];
  } catch {
    // A label that others wrote.
    return [];
  }
}

/** The labels by which a launcher is known that the image's own do not tell. */
export const launcherLabels = (launcher: Launcher | undefined): Record<string, string> =>
  launcher?.kind === "herokuish" ? { [LAUNCHER_LABEL]: launcher.kind } : {};

/** Where the app's files are in an image without WORKDIR. */
export const appFolder = (launcher: Launcher | undefined): string => (launcher?.kind === "herokuish" ? "/app" : "/");

/** An entrypoint that leads to a launcher, or is left to the image; any other was chosen to replace it. */
export const isLaunchers = (entrypoint: readonly string[] | null | undefined): boolean =>
  !entrypoint?.[0] || /^(?:\/cnb\/(?:process|lifecycle)\/.+|launcher)$/.test(entrypoint[0]);

/** The launcher of an image, unless its ENTRYPOINT is another. */
export const launcherOfImage = ({ Labels, Env, Entrypoint }: ImageConfig): Launcher | undefined =>
  isLaunchers(Entrypoint) ? launcherOf({ labels: Labels, env: Env }) : undefined;

/**
 * A command in the environment of the app's processes, word for word.
 * The launcher passes words after `--` on as they are, and evaluates each of several others; one alone is a script.
 */
export function launch({ kind, isDirect }: Launcher, argv: readonly string[]): Launch {
  if (kind === "herokuish") return { argv: ["bash", "-c", HEROKUISH, "bash", ...argv] };
  return { entrypoint: [LAUNCHER], argv: isDirect ? ["--", ...argv] : [`exec ${quoteWords(argv)}`] };
}

/** A process type of the build: the words are its further arguments. */
export const launchProcess = (type: string, more: readonly string[]): Launch => ({
  entrypoint: [`/cnb/process/${type}`],
  argv: more,
});

/**
 * A process that runs on, as the build has recorded it, unless the app has another command for its type.
 * @param argv of the app's command. @returns undefined where neither has one: then the image's default runs. That of
 * herokuish builds the app; its program for process types also knows those that buildpacks add.
 */
export function launchType(
  launcher: Launcher,
  type: string,
  command: string | undefined,
  argv: (command: string) => readonly string[],
): Launch | undefined {
  const recorded = launcher.processes.get(type);
  if (recorded !== undefined && (command ?? recorded) === recorded) return launchProcess(type, []);
  if (command !== undefined) return launch(launcher, argv(command));
  return launcher.kind === "herokuish" ? { argv: ["/start", type] } : undefined;
}

/** The whole command, for a container that runs already. */
export function launchInside(launcher: Launcher | undefined, argv: readonly string[]): readonly string[] {
  if (!launcher) return argv;
  const { entrypoint = [], argv: words } = launch(launcher, argv);
  return [...entrypoint, ...words];
}

/** As herokuish's /exec, which evaluates all words a second time and so cannot be given any. */
const HEROKUISH = `export HOME="\${APP_PATH:-/app}"
cd "$HOME" || exit
shopt -s nullglob
for file in "\${ENV_PATH:-/tmp/env}"/*; do export "\${file##*/}=$(cat "$file")"; done
for file in /etc/profile.d/*.sh "$HOME"/.profile.d/*.sh; do source "$file"; done
if [ -s "$HOME/.profile" ]; then source "$HOME/.profile"; fi
shopt -u nullglob
if [ "$HEROKUISH_SETUIDGUID" != false ] && [ "$(id -u)" = 0 ] && command -v setuidgid >/dev/null; then
  exec setuidgid "\${USER:-$(stat -c %U "$HOME")}" "$@"
fi
exec "$@"`;
