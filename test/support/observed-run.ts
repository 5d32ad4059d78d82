import { type Container, filesOf, normalise, shellOf } from "./compose-apps.ts";
import type { Inspected } from "./oneoff-suite.ts";
import { type Env, run } from "./process.ts";
import { recordRequests } from "./request-recorder.ts";

const TIMEOUT_MS = 60_000;

/** How a client runs a service. */
export interface Observation {
  /** Immediately before its start; undefined if it was not started. */
  readonly container: Container | undefined;
  /** The create request. */
  readonly sent: Container | undefined;
  readonly end: { readonly code: number | "refused" | null; readonly stdout: string };
  /** Create requests of networks and volumes, by name. */
  readonly made: Readonly<Record<string, unknown>>;
  readonly stderr: string;
  readonly warnings: readonly string[];
}

/** Runs a client of the engine. @param variables more variables of the developer's shell. */
export async function observeRun(
  host: string,
  argv: readonly string[],
  cwd: string,
  variables: Env = {},
): Promise<Observation> {
  await using recorder = await recordRequests(host);
  const env = { ...variables, ...shellOf(cwd), DOCKER_HOST: recorder.host };
  // An empty pipe as stdin: both clients attach it.
  const { code, stdout, stderr } = await run(argv, { cwd, env, stdin: "", timeout: TIMEOUT_MS });
  const posts = recorder.requests.filter(({ method }) => method === "POST");
  const create = posts.findLast(({ path, body }) => path === "/containers/create" && body.HostConfig);
  const files = await filesOf(recorder.requests);
  const inspected = recorder.started[0];
  const joined = posts.flatMap(({ path }) => /^\/networks\/(.*)\/connect$/.exec(path)?.[1] ?? []);
  const endpoints = Object.keys(create?.body.NetworkingConfig?.EndpointsConfig ?? {});
  const made = posts.filter(({ path }) => /^\/(networks|volumes)\/create$/.test(path));
  return {
    container:
      inspected &&
      normalise(
        { ...inspected.Config, HostConfig: inspected.HostConfig },
        { root: cwd, networks: networksOf(inspected), files, id: inspected.Id },
      ),
    sent: create && normalise(create.body, { root: cwd, networks: [...endpoints, ...joined], files }),
    end: { code: isRefused(stderr.toString()) ? "refused" : code, stdout: stdout.toString() },
    made: Object.fromEntries(made.map(({ body }) => [body.Name, objectOf(body)])),
    stderr: stderr.toString(),
    warnings: [...stderr.toString().matchAll(/level=warning (.*)/g)].map(([, text = ""]) => text),
  };
}

/** Whether the engine refused the container: Compose then exits with 1, oneoff with 125 to 127 as docker run. */
const isRefused = (stderr: string) => /^(?:Error response from daemon|oneoff): (?!warning)/m.test(stderr);

/** Names, with aliases that the engine has not made from the container's own name. */
const networksOf = ({ Id, Name, NetworkSettings }: Inspected): string[] =>
  Object.entries<Inspected>(NetworkSettings.Networks).map(([name, { Aliases }]) => {
    const others = (Aliases ?? []).filter((alias: string) => !Id.startsWith(alias) && `/${alias}` !== Name);
    return [name, ...others].join(" ");
  });

/** Without the version of Compose and its hash: Compose takes over an object without a hash as it is. */
function objectOf({ Labels, ...body }: Inspected): unknown {
  const own = Object.entries(Labels).filter(([name]) => !/^com\.docker\.compose\.(?:config-hash|version)$/.test(name));
  return withoutEmpty({ ...body, Labels: Object.fromEntries(own) });
}

const withoutEmpty = (body: object): object =>
  JSON.parse(
    JSON.stringify(body, (_key, value) => (value === null || value === "" || value === false ? undefined : value)),
  );
