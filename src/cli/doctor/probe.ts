import { accessSync, constants, statfsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { dockerConfig } from "../../engine/endpoint/contexts.ts";
import { type EndpointOptions, endpointChain } from "../../engine/endpoint/endpoint-chain.ts";
import type { EngineInfo } from "../../engine/system.ts";
import type { RegistryConfig } from "../../host/docker-credentials.ts";
import type { Context } from "../context.ts";
import type { CredentialFacts, Disk, Facts, Folder, ProxyFacts, TerminalFacts } from "./facts.ts";
import { probeEngine, probeSocket } from "./probe-engine.ts";

/** Checks everything and changes nothing. @throws OneoffError for options that cannot be used together. */
export async function probe(context: Context, options: EndpointOptions): Promise<Facts> {
  const chain = endpointChain(options, context);
  const won = chain.find((link) => link.won);
  // An invalid address is a finding of its own.
  const engine = won?.error ? {} : await probeEngine(context, options);
  const socket = won?.endpoint && "socketPath" in won.endpoint ? won.endpoint.socketPath : undefined;
  const isHere = socket !== undefined && !/Desktop/.test(engine.info?.OperatingSystem ?? "");
  const folders = probeFolders(context.env);
  return {
    chain,
    engine,
    socket: socket === undefined ? undefined : probeSocket(socket),
    disks: probeDisks(isHere ? engine.info : undefined, folders),
    folders,
    terminal: probeTerminal(context),
    ...probeDockerConfig(context),
  };
}

type Env = Context["env"];

/** Default folders below HOME. */
const HOMES = { config: ".config", state: ".local/state", cache: ".cache" } as const;

const probeFolders = (env: Env): Folder[] =>
  Object.entries(HOMES).map(([name, below]) => {
    const what = name as Folder["what"];
    const home = env[`XDG_${what.toUpperCase()}_HOME`] || (env.HOME && join(env.HOME, below));
    const path = home ? join(home, "oneoff") : undefined;
    return { what, path, problem: path && whyNotWritable(path) };
  });

/** For a missing folder, checks its parent, where it would be created. */
function whyNotWritable(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) return whyNotWritable(dirname(path));
    if (code === "EROFS") return `${path} is on a read-only file system`;
    return code === "EACCES" ? `${path} is not writable` : `${path}: ${code}`;
  }
}

/** @param info of an engine on this machine. */
const probeDisks = (info: EngineInfo | undefined, folders: readonly Folder[]): Disk[] => [
  ...(info?.DockerRootDir ? room("engine", info.DockerRootDir) : []),
  ...folders.filter(({ what }) => what === "state").flatMap(({ path }) => (path ? room("here", path) : [])),
];

function room(what: Disk["what"], path: string): Disk[] {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return [{ what, path, free: bavail * bsize, total: blocks * bsize }];
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT" && what === "here" && dirname(path) !== path;
    // The engine's folder is on another machine or not accessible.
    return isAbsent ? room(what, dirname(path)) : [];
  }
}

const probeTerminal = ({ terminal, env, exists }: Context): TerminalFacts => ({
  input: terminal.input,
  isTerminal: terminal.input === "terminal" && terminal.outputIsTerminal,
  size: terminal.size(),
  hasStty: isProgram("stty", env, exists),
  term: env.TERM || undefined,
});

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

function probeDockerConfig(context: Context): { proxies: ProxyFacts; credentials: CredentialFacts } {
  const { env, exists } = context;
  const ofEnvironment = PROXIES.filter((name) => env[name]);
  try {
    const { proxies, credHelpers, credsStore } = dockerConfig<RegistryConfig & { proxies?: object }>(context) ?? {};
    const helpers = new Set([...Object.values(credHelpers ?? {}), ...(credsStore ? [credsStore] : [])]);
    const programs = Array.from(helpers, (helper) => `docker-credential-${helper}`);
    const missing = programs.filter((program) => !isProgram(program, env, exists));
    return {
      proxies: { ofEnvironment, ofDocker: proxies !== undefined },
      credentials: { missing, problem: undefined },
    };
  } catch (error) {
    const problem = (error as Error).message;
    return { proxies: { ofEnvironment, ofDocker: false }, credentials: { missing: [], problem } };
  }
}

const isProgram = (name: string, { PATH = "" }: Env, exists: Context["exists"]) =>
  PATH.split(delimiter).some((folder) => folder !== "" && exists(join(folder, name)));
