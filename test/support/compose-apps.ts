import { cp, readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { entriesOf } from "./archive.ts";
import { baseImage, buildImage } from "./base-image.ts";
import type { Compose } from "./compose.ts";
import { api } from "./docker-api.ts";
import { folder } from "./folder.ts";
import type { Inspected } from "./oneoff-suite.ts";
import type { RecordedRequest } from "./request-recorder.ts";

/** Compose projects in the manner of well-known public apps. */
export const APPS_FOLDER = fileURLToPath(new URL("../fixtures/compose-apps", import.meta.url));

/** What Compose sends for each service of these projects: `project/service`. */
export const RECORDED_FILE = fileURLToPath(new URL("../fixtures/compose-apps.json", import.meta.url));

export const recordedContainers = async (): Promise<Record<string, Container>> =>
  JSON.parse(await readFile(RECORDED_FILE, "utf8"));

export const appNames = async (): Promise<string[]> => (await readdir(APPS_FOLDER)).sort();

/** Services that share something with the containers of other services, which must run. */
export const SHARING: Readonly<Record<string, readonly string[]>> = {
  "gitea/admin": ["server"],
  "phoenix/iex": ["app", "worker"],
  "shop/tap": ["frontend", "cart"],
  "wordpress/wpcli": ["wordpress"],
};

/** The variables of the developer's shell, whose home is in the project's folder. */
export const shellOf = (cwd: string) => ({
  ...{ HOME: `${cwd}/home`, PWD: cwd, LANG: "C.UTF-8", NODE_ENV: "staging" },
  ...{ PRY_HISTORY: "from the shell", TRUSTED_PROXIES: "10.0.0.0/8 172.16.0.0/12" },
});

/** A copy of a project, because Compose creates folders in it. */
export async function copyOfApp(name: string) {
  const place = await folder();
  const path = `${place.path}/${name}`;
  await cp(`${APPS_FOLDER}/${name}`, path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

/** Makes `busybox:local` of an engine of the test's own with a command that runs, as the images of services have one. */
export async function prepareEngine(host: string): Promise<void> {
  await baseImage(host);
  const command = `["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"]`;
  await buildImage(host, "busybox:local", `FROM busybox:local\nCMD ${command}\n`);
  await api(host).post("/networks/create", { Name: "traefik_proxy", CheckDuplicate: true });
  await api(host).post("/volumes/create", { Name: "ghost-themes" });
}

/** Builds the images of a project, and makes its other images. */
export async function prepareApp(compose: Compose, host: string, cwd: string): Promise<void> {
  const words = ["--profile", "*"];
  const options = { cwd, env: { ...shellOf(cwd), DOCKER_HOST: host, DOCKER_BUILDKIT: "0" } };
  const { code, stderr } = await compose.run([...words, "build"], options);
  if (code !== 0) throw new Error(stderr.toString());
  const images = (await compose.run([...words, "config", "--images"], options)).stdout.toString().trim().split("\n");
  for (const image of new Set(images)) {
    const { get, post } = api(host);
    if ((await get(`/images/${image}/json`)).status === 200) continue;
    const [repo, tag] = image.split(":") as [string, string];
    await post(`/images/busybox:local/tag?repo=${repo}&tag=${tag}`);
  }
}

/** The settings of a container, by name; only those that are set. */
export type Container = Readonly<Record<string, unknown>>;

/** Names of settings that differ deliberately between `oneoff run` and `docker compose run`. */
export const DELIBERATE = {
  Labels: "each has labels of its own",
  LogConfig: "the output of an attached one-off goes to the terminal only",
  Healthcheck: "a one-off is no server",
  ExposedPorts: "a one-off publishes no port",
  Init: "a one-off has an init unless the service says `init: false`, so that signals reach its command",
  MacAddress: "a fixed address belongs to the service's own container",
} as const;

/** Settings that only say where a container is. */
const PLACE = ["Binds", "Mounts", "Tmpfs", "NetworkMode", "ConsoleSize", "Hostname", "Env", "Volumes", "Image"];

/** Normalises a create request, or the same parts of an answer of `inspect`. @param root the folder of the project. */
export function normalise(
  { HostConfig, ...config }: Inspected,
  { root, networks, files, id = "" }: { root: string; networks: readonly string[]; files: object; id?: string },
): Container {
  const { Hostname, Env, Image } = config;
  const all = Object.entries({ ...config, ...HostConfig }).filter(
    ([name]) => !PLACE.includes(name) && !(name in DELIBERATE) && name !== "NetworkingConfig",
  );
  const mode: string = HostConfig.NetworkMode ?? "";
  const container = {
    ...Object.fromEntries(all.flatMap(([name, value]) => (isSet(value) ? [[name, sorted(name, value)]] : []))),
    Image,
    ...(Hostname && !id.startsWith(Hostname) ? { Hostname } : {}),
    Env: (Env ?? []).filter((pair: string) => !pair.startsWith("DYNO=")).sort(),
    Mounts: mountsOf(HostConfig),
    // The engine's mode is the first network.
    Networks: [...new Set([mode, ...networks])].sort(),
    Files: files,
  };
  const text = JSON.stringify(container).replaceAll(root, "/project").replaceAll(dirname(root), "/parent");
  return JSON.parse(text.replaceAll(/\b[0-9a-f]{64}\b/g, "ID"));
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.values(value).some(isSet);
  return Boolean(value);
}

const withoutUnset = (map: object) => Object.fromEntries(Object.entries(map).filter(([, value]) => isSet(value)));

/** Lists whose order means nothing. */
const SETS = ["CapAdd", "CapDrop", "Ulimits", "ExtraHosts", "Devices", "GroupAdd", "SecurityOpt", "Links"];

function sorted(name: string, value: unknown): unknown {
  if (name === "DeviceRequests") return (value as object[]).map(withoutUnset);
  if (!SETS.includes(name)) return value;
  return (value as unknown[]).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** All mounts in one form, whichever of its three the client has used. */
function mountsOf({ Binds, Mounts, Tmpfs }: Inspected): string[] {
  const binds = (Binds ?? []).map((bind: string) => {
    // A bind without a source is an anonymous volume.
    const [source = "", target = "", mode = ""] = bind.includes(":") ? bind.split(":") : ["", bind];
    const type = source.startsWith("/") ? "bind" : "volume";
    return [
      type,
      source,
      target,
      ...(type === "bind" ? ["created"] : []),
      ...mode.split(",").filter((m) => m !== "rw"),
    ];
  });
  const mounts = (Mounts ?? []).map((mount: Inspected): string[] => {
    const {
      Type,
      Source = "",
      Target,
      ReadOnly,
      BindOptions: bind,
      VolumeOptions: volume,
      TmpfsOptions: tmpfs,
    } = mount;
    const options = [
      ...[bind?.CreateMountpoint && "created", ReadOnly && "ro", bind?.Propagation, volume?.NoCopy && "nocopy"],
      ...[volume?.Subpath, tmpfs && JSON.stringify(tmpfs)],
    ];
    return [Type, Source, Target, ...options];
  });
  const tmpfs = Object.entries<string>(Tmpfs ?? {}).map(([target, options]) => ["tmpfs", "", target, options]);
  const all: string[][] = [...binds, ...mounts, ...tmpfs];
  return all.map((parts) => parts.filter((part, at) => at < 3 || part).join(" ")).sort();
}

/** The files that a client has written into a container before its start: `644 0:0 content` by path. */
export async function filesOf(requests: readonly RecordedRequest[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { method, path, query, body } of requests) {
    if (method !== "PUT" || !path.endsWith("/archive")) continue;
    for (const { header, text } of await entriesOf(body)) {
      if (header.type !== "file") continue;
      const name = `${query.path}/${header.name}`.replaceAll(/\/+/g, "/");
      files[name] = `${header.mode?.toString(8)} ${header.uid}:${header.gid} ${text}`;
    }
  }
  return files;
}
