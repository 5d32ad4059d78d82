import { plain, quoted } from "../text/quoted.ts";
import type { EngineRefused } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** The fourth parameter has the paths of the files that were searched, if any, and the search in a Swarm. */
export const unknownApp = (
  name: string,
  near: string | undefined,
  known: readonly string[],
  {
    manifest,
    compose,
    swarm,
  }: {
    readonly manifest: string | undefined;
    readonly compose: string | undefined;
    readonly swarm: string | undefined;
  },
  command: string,
) =>
  new OneoffError(
    "unknown-app",
    [
      `No such app ${quoted(name)}`,
      manifest ? `not in ${manifest}` : "no oneoff.yaml in this folder or its parents",
      `no image oneoff/${plain(name)}:latest`,
      "no container of dokku, Compose, Kamal or Swarm, and none of this name",
      ...(swarm ? [swarm] : []),
      ...(compose ? [`no service of ${compose}`] : []),
      ...(known.length > 0 ? [`known apps: ${known.map(plain).join(", ")}`] : []),
      ...(near ? [`Did you mean ${plain(near)}?`] : []),
    ],
    {
      next: near
        ? `oneoff ${command} ${near}${command === "run" ? " …" : ""}`
        : command === "run"
          ? `oneoff run --image IMAGE ${name} …`
          : "oneoff apps",
    },
  );

/** The command of another deployer for the same action. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, (app: string) => string>>>> = {
  scale: {
    dokku: (app) => `dokku ps:scale ${app} web=2`,
    compose: (app) => `docker compose up --detach --scale ${app}=2`,
    kamal: () => "change the servers in config/deploy.yml, then: kamal deploy",
    swarm: (app) => `docker service scale ${app}=2`,
    container: (app) => `oneoff deploy ${app} …`,
  },
  "ps:stop": {
    dokku: (app) => `dokku ps:stop ${app}`,
    compose: (app) => `docker compose stop ${app}`,
    kamal: () => "kamal app stop",
    swarm: (app) => `docker service scale ${app}=0`,
    container: (app) => `docker stop ${app}`,
  },
  start: {
    dokku: (app) => `dokku ps:start ${app}`,
    compose: (app) => `docker compose start ${app}`,
    kamal: () => "kamal app start",
    swarm: (app) => `docker service scale ${app}=1`,
    container: (app) => `docker start ${app}`,
  },
  restart: {
    dokku: (app) => `dokku ps:restart ${app}`,
    compose: (app) => `docker compose restart ${app}`,
    kamal: () => "kamal app boot",
    swarm: (app) => `docker service update --force ${app}`,
    container: (app) => `docker restart ${app}`,
  },
  rollback: {
    kamal: () => "kamal rollback VERSION",
    swarm: (app) => `docker service rollback ${app}`,
  },
  deploy: {
    swarm: (app) => `docker service update --image IMAGE ${app}, or choose another name for the app`,
  },
  destroy: {
    dokku: (app) => `dokku apps:destroy ${app}`,
    compose: (app) => `docker compose rm --stop ${app}`,
    kamal: () => "kamal app remove",
    swarm: (app) => `docker service rm ${app}`,
    container: (app) => `docker rm --force ${app}`,
  },
};

const DEPLOYER_NAMES: Readonly<Record<string, string>> = { compose: "Compose", kamal: "Kamal" };

/** @param found what deployed the app, and the name of the app for it. @param command a key of `ELSEWHERE`. */
export const notDeployedHere = (
  app: string,
  { deployer, name }: { readonly deployer: string; readonly name: string },
  command: string,
) =>
  new OneoffError(
    "not-deployed-here",
    deployer === "container" || deployer === "swarm"
      ? `${quoted(app)} is ${deployer === "swarm" ? "a Swarm service" : "a container"} that oneoff did not deploy`
      : `${quoted(app)} was deployed by ${DEPLOYER_NAMES[deployer] ?? deployer}, not by oneoff`,
    { next: ELSEWHERE[command]?.[deployer]?.(plain(name)) },
  );

/** @param picks the names that select one app each. @param command that accepts them. */
export const ambiguousApp = (name: string, picks: readonly string[], command = "run") =>
  new OneoffError("ambiguous-app", `Several apps have the name ${quoted(name)}: ${picks.map(plain).join(", ")}`, {
    next: `oneoff ${command} ${picks[0]} …`,
  });

/** @param command that pulls the image, without `oneoff`. @param platform if one is required. */
export const missingImage = (image: string, command: string, platform?: string) =>
  new OneoffError(
    "missing-image",
    `Image ${quoted(image)} not found locally${platform === undefined ? "" : ` for the platform ${quoted(platform)}`}; use --pull to pull it`,
    {
      next: `oneoff ${command} …, or load it: docker load -i image.tar`,
    },
  );

export const otherPlatform = (image: string, platform: string, cause: EngineRefused) =>
  new OneoffError(
    "other-platform",
    `Image ${quoted(image)} is not for the platform ${quoted(platform)}${platformIn(cause.reason)}`,
    { next: `oneoff run --platform ${platform} --pull …`, cause },
  );

const platformIn = (reason: string) => {
  const actual = /actual: ([\w/.-]+)/.exec(reason)?.[1];
  return actual === undefined ? "" : `, but for ${quoted(actual)}`;
};

/** A network that `docker network create` creates has no labels of Compose, and `docker compose up` refuses it. */
export const missingNetwork = (name: string, cause: unknown) =>
  new OneoffError("missing-network", `Network ${quoted(name)} not found`, {
    next: `docker network create ${plain(name)}, or for a network of a Compose project: docker compose up --no-start`,
    cause,
  });

/** @param shared what the containers share. */
export const sharedContainerNotRunning = (
  app: string,
  shared: "network" | "processes" | "memory",
  cause: EngineRefused,
) =>
  new OneoffError(
    "share-gone",
    `${quoted(app)} shares the ${shared} of a container that is not running: ${cause.reason}`,
    {
      next: `start that container${shared === "network" ? `, or use another network: oneoff run --network NAME ${app} …` : ""}`,
      cause,
    },
  );

/** A warning. */
export const pausedSource = (container: string) =>
  `The container ${container} of the app is paused; one-offs of the app run nevertheless (docker unpause ${container})`;

/** A warning. */
export const copiedTask = (container: string) =>
  `One-offs do not get the secrets and configs of ${container}, which is a task of a Swarm service`;

/** @param context the folder of the build. */
export const notBuilt = (app: string, context: string) =>
  new OneoffError("not-built", `${quoted(app)} has not been built: no image oneoff/${app}:latest`, {
    next: `docker build -t oneoff/${app}:latest ${context}`,
  });

/** A warning. @param image of oneoff.yaml. */
export const notDeployedYet = (app: string, image: string, release: number) =>
  `Using the live release v${release} of ${plain(app)}; the image ${quoted(image)} of oneoff.yaml is not deployed (oneoff deploy ${plain(app)}, or for one run: oneoff run --image ${plain(image)} ${plain(app)} …)`;

/** @param from the value of `from` in oneoff.yaml. */
export const noSuchContainer = (app: string, from: string) =>
  new OneoffError("no-such-container", `${quoted(app)} copies a container that does not exist: ${quoted(from)}`, {
    next: 'start the container, or fix "from" in oneoff.yaml',
  });

/** @param problem of the JSON parser. */
export const badSeccompProfile = (file: string, problem: string) =>
  usage(
    "bad-seccomp-profile",
    `Invalid seccomp profile ${quoted(file)}: ${problem}`,
    "fix the file, or use the default profile: --security-opt seccomp=builtin",
  );

/** A warning. */
export const ignoredProcfile = (file: string, why: string) => `${quoted(file)} is ignored: ${why}`;

export const untrustedManifest = (file: string, why: string, next = `if you trust the file: --config ${plain(file)}`) =>
  new OneoffError("untrusted-manifest", `Refused to read ${quoted(file)}: ${why}`, { kind: "usage", next });

/** `init` would copy it to a oneoff.yaml that belongs to a trusted user. */
export const untrustedSource = (file: string, why: string) =>
  untrustedManifest(file, why, "if you trust the file, copy it to a folder of your own, then: oneoff init");
