import { plain, quoted } from "../text/quoted.ts";
import type { EngineRefused } from "./engine.ts";
import { OneoffError } from "./error.ts";

// apps

/** @param manifest the oneoff.yaml that was looked in, if there is one. */
export const unknownApp = (
  name: string,
  near: string | undefined,
  known: readonly string[],
  manifest: string | undefined,
  command: string,
) =>
  new OneoffError(
    "unknown-app",
    [
      `There is no app ${quoted(name)}: ${
        manifest ? `not in ${manifest}` : "no oneoff.yaml here"
      }, no image oneoff/${plain(name)}:latest, no container of dokku, Compose, Kamal, Swarm or that name${near ? `; did you mean ${quoted(near)}?` : ""}`,
      ...(known.length > 0 ? [`known apps: ${known.map(plain).join(", ")}`] : []),
    ],
    {
      next: near
        ? `oneoff ${command} ${near}${command === "run" ? " …" : ""}`
        : command === "run"
          ? `oneoff run --image IMAGE ${name} …`
          : "oneoff apps",
    },
  );

/** What does the same to an app that something else deployed. */
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
  destroy: {
    dokku: (app) => `dokku apps:destroy ${app}`,
    compose: (app) => `docker compose rm --stop ${app}`,
    kamal: () => "kamal app remove",
    swarm: (app) => `docker service rm ${app}`,
    container: (app) => `docker rm --force ${app}`,
  },
};

const DEPLOYER_NAMES: Readonly<Record<string, string>> = { compose: "Compose", kamal: "Kamal", swarm: "Swarm" };

/** @param deployer what deployed the app. @param command a key of `ELSEWHERE`. */
export const notDeployedHere = (app: string, deployer: string, command: string) =>
  new OneoffError(
    "not-deployed-here",
    deployer === "container"
      ? `${quoted(app)} is a container that oneoff did not deploy`
      : `${quoted(app)} was deployed by ${DEPLOYER_NAMES[deployer] ?? deployer}, not by oneoff`,
    { next: ELSEWHERE[command]?.[deployer]?.(plain(app)) },
  );

/** @param picks the words that pick each. */
export const ambiguousApp = (name: string, picks: readonly string[]) =>
  new OneoffError("ambiguous-app", `${quoted(name)} is the name of different apps: ${picks.map(plain).join(", ")}`, {
    next: `oneoff run ${picks[0]} …`,
  });

/** @param command what pulls it: the words after `oneoff`. */
export const missingImage = (image: string, command: string) =>
  new OneoffError("missing-image", `The engine has no image ${quoted(image)}, and nothing is pulled unasked`, {
    next: `oneoff ${command} …, or bring it: docker load -i image.tar`,
  });

/** @param shared what the container is to share. */
export const shareGone = (app: string, shared: "network" | "processes" | "memory", cause: EngineRefused) =>
  new OneoffError(
    "share-gone",
    `${quoted(app)} shares the ${shared} of a container that does not run: ${cause.reason}`,
    {
      next: `start that container${shared === "network" ? `, or leave it out: oneoff run --network NAME ${app} …` : ""}`,
      cause,
    },
  );

/** A warning. */
export const pausedSource = (container: string) =>
  `The app's container ${container} is paused; its one-offs run (docker unpause ${container})`;

/** A warning. @param paths undefined where only a manager of the Swarm knows them. */
export const missingSecrets = (paths: readonly string[] | undefined) =>
  paths === undefined
    ? "Secrets and configs of the Swarm service are missing in its one-offs; only a manager node can list them"
    : `Secrets and configs of the Swarm service are missing in its one-offs: ${paths.join(", ")}`;

/** @param context the folder that it is built from. */
export const notBuilt = (app: string, context: string) =>
  new OneoffError("not-built", `${quoted(app)} is to be built, and has no image oneoff/${app}:latest yet`, {
    next: `docker build -t oneoff/${app}:latest ${context}`,
  });

/** A warning. @param image what oneoff.yaml says. */
export const notDeployedYet = (app: string, image: string, release: number) =>
  `${plain(app)} is run as v${release}, which is live; ${quoted(image)} of oneoff.yaml is another image, not deployed yet: oneoff deploy ${plain(app)}, or this once: oneoff run --image ${plain(image)} ${plain(app)} …`;

/** @param from what oneoff.yaml says to copy. */
export const noSuchContainer = (app: string, from: string) =>
  new OneoffError("no-such-container", `${quoted(app)} is a copy of ${quoted(from)}, of which there is no container`, {
    next: "deploy it, or say in oneoff.yaml where else it comes from",
  });

/** @param why what makes it doubtful. */
export const untrustedManifest = (file: string, why: string, next = `if you trust it: --config ${plain(file)}`) =>
  new OneoffError("untrusted-manifest", `Refused to read ${quoted(file)}: ${why}`, { kind: "usage", next });

/** oneoff.yaml, which `init` makes of it, would belong to a user who is trusted. */
export const untrustedSource = (file: string, why: string) =>
  untrustedManifest(file, why, "if you trust it, copy it to a folder of your own, and run oneoff init there");
