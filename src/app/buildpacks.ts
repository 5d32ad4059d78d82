import type { Procfile } from "./procfile.ts";
import { quoteWords } from "./quote.ts";

/** Starts commands of a buildpack image in the environment of the app's processes. */
export interface Launcher {
  readonly kind: "cnb" | "herokuish";
  /** Whether processes start without a shell, and so without the scripts of profile.d. */
  readonly isDirect: boolean;
  /** The process types that the build recorded. */
  readonly processes: Procfile;
}

/** The command of a container, and its entrypoint if that is not the image's. */
export interface Launch {
  readonly entrypoint?: readonly string[];
  readonly argv: readonly string[];
}

interface ImageFacts {
  readonly labels: Readonly<Record<string, string>> | null | undefined;
  readonly env?: readonly string[] | null | undefined;
}

/** In the format of the Engine API. */
interface ImageConfig {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
}

/** Label of images that oneoff creates from herokuish images: lists of the engine have no variables to detect them. */
export const LAUNCHER_LABEL = "dev.oneoff.launcher";

const CNB_METADATA = "io.buildpacks.build.metadata";
const LAUNCHER = "/cnb/lifecycle/launcher";

export function launcherOf({ labels, env }: ImageFacts): Launcher | undefined {
  // Builder and run images have other labels.
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
  const processes = processesIn(text).filter(
    (one): one is RecordedProcess & { type: string } => typeof one?.type === "string",
  );
  const line = ({ command, args, direct }: RecordedProcess) => {
    const words = [command, args].flat().filter((word) => typeof word === "string");
    return words.length === 1 && !direct ? (words[0] ?? "") : quoteWords(words);
  };
  return {
    isDirect: processes.every(({ direct }) => direct !== false),
    processes: new Map(processes.map((one) => [one.type, line(one)])),
  };
}

function processesIn(text = "{}"): readonly (RecordedProcess | null)[] {
  try {
    const { processes } = JSON.parse(text) as { processes?: unknown };
    return Array.isArray(processes) ? processes : [];
  } catch {
    // The label may be invalid.
    return [];
  }
}

/** Labels that record a launcher which the labels of the image do not name. */
export const launcherLabels = (launcher: Launcher | undefined): Record<string, string> =>
  launcher?.kind === "herokuish" ? { [LAUNCHER_LABEL]: launcher.kind } : {};

/** The folder of the app in an image without WORKDIR. */
export const appFolder = (launcher: Launcher | undefined): string => (launcher?.kind === "herokuish" ? "/app" : "/");

/** Whether the entrypoint is the image's or starts a launcher; any other entrypoint replaces the launcher. */
export const isLaunchers = (entrypoint: readonly string[] | null | undefined): boolean =>
  !entrypoint?.[0] || /^(?:\/cnb\/(?:process|lifecycle)\/.+|launcher)$/.test(entrypoint[0]);

/** The launcher of an image, unless its ENTRYPOINT is another. */
export const launcherOfImage = ({ Labels, Env, Entrypoint }: ImageConfig): Launcher | undefined =>
  isLaunchers(Entrypoint) ? launcherOf({ labels: Labels, env: Env }) : undefined;

/**
 * Runs a command, argument by argument, in the environment of the app's processes.
 * The launcher passes arguments after `--` unchanged, and evaluates other arguments; a single argument is a script.
 */
export function launch({ kind, isDirect }: Launcher, argv: readonly string[]): Launch {
  if (kind === "herokuish") return { argv: ["bash", "-c", HEROKUISH, "bash", ...argv] };
  return { entrypoint: [LAUNCHER], argv: isDirect ? ["--", ...argv] : [`exec ${quoteWords(argv)}`] };
}

/** Runs a process type of the build with additional arguments. */
export const launchProcess = (type: string, more: readonly string[]): Launch => ({
  entrypoint: [`/cnb/process/${type}`],
  argv: more,
});

/**
 * The command of a deployed process: the Procfile's command for the type, or the recorded one.
 * @param argv converts the app's command. @returns undefined if neither exists: the image's default command then runs.
 * The default command of herokuish images builds the app, so /start runs the type, including types of buildpacks.
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

/** The whole command line, for `exec`. */
export function launchInside(launcher: Launcher | undefined, argv: readonly string[]): readonly string[] {
  if (!launcher) return argv;
  const { entrypoint = [], argv: words } = launch(launcher, argv);
  return [...entrypoint, ...words];
}

/** Replaces herokuish's /exec, which evaluates its arguments a second time. */
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
