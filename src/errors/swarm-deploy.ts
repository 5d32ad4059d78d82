import { plain, quoted } from "../text/quoted.ts";
import { isoTime, OneoffError, usage } from "./error.ts";

/** @param state of the engine in the Swarm. @param managers addresses of managers. */
export const deployNeedsManager = (state: string, managers: readonly string[]) =>
  managers.length > 0
    ? usage(
        "not-a-manager",
        `The engine is a worker of a Swarm and cannot change services; its managers are ${managers.map(plain).join(", ")}`,
        "oneoff --host ssh://MANAGER …",
      )
    : usage(
        "not-a-manager",
        `The engine is not a manager of a Swarm${state === "inactive" ? "" : ` (${plain(state)})`}`,
        "docker swarm init, or leave out --swarm, and swarm: true in oneoff.yaml",
      );

/** @param by `user@host` @param since seconds since 1970. */
export const swarmDeployInProgress = (app: string, by: string, since: number) =>
  new OneoffError(
    "deploy-under-way",
    `A deploy or another change of ${plain(app)} is already in progress since ${isoTime(since)}, by ${plain(by)}`,
    { next: `use --wait to wait until it finishes, or see: oneoff locks ${plain(app)}` },
  );

export const serviceOfStack = (service: string, stack: string) =>
  usage(
    "service-of-stack",
    `The service ${quoted(service)} belongs to the stack ${quoted(stack)}: the next docker stack deploy would undo the deploy`,
    "oneoff deploy --swarm --force …, or choose another name for the app",
  );

/** @param owner the app that has the service: `a.b` and `a-b` have services of the same name. */
export const serviceNameTaken = (service: string, app: string, owner: string | undefined) =>
  usage(
    "service-name-taken",
    `The service ${quoted(service)} ${owner ? `belongs to the app ${quoted(owner)}` : "exists and was not deployed by oneoff"}: ${plain(app)} needs this name`,
    `choose another name for the app, or: ${owner ? `oneoff destroy ${plain(owner)}` : `docker service rm ${plain(service)}`}`,
  );

/** @param kind `secret`, `config` or `network`. */
export const missingSwarmObject = (kind: string, name: string, app: string) =>
  usage(
    `missing-${kind}`,
    `No ${kind} ${quoted(name)} in the Swarm, which ${plain(app)} needs`,
    kind === "network"
      ? `docker network create --driver overlay --attachable ${plain(name)}`
      : `docker ${kind} create ${plain(name)} FILE`,
  );

export const networkNotInSwarm = (name: string, driver: string) =>
  usage(
    "network-not-in-swarm",
    `Services cannot use the network ${quoted(name)}: it is a ${plain(driver)} network of this node only`,
    `docker network create --driver overlay --attachable NAME, then set "networks" in oneoff.yaml`,
  );

/** Facts of a task that failed. */
export interface FailedTask {
  /** `web.2` */
  readonly name: string;
  /** The node's name. */
  readonly node: string | undefined;
  readonly state: string;
  /** The reason, from Swarm. */
  readonly reason: string;
  readonly exitCode: number | undefined;
  /** The last lines of its log. */
  readonly lines: readonly string[];
}

/** @param outcome what happened to the service, as a clause. @param next the command to run. */
export function serviceFailed(
  app: string,
  service: string,
  task: FailedTask | undefined,
  outcome: string,
  next: string,
) {
  if (!task)
    return new OneoffError("service-failed", `The service ${service} of ${plain(app)} failed; ${outcome}`, { next });
  const { name, node, state, reason, exitCode, lines } = task;
  const isUnhealthy = /unhealthy container/.test(reason);
  const code = isUnhealthy ? "process-unwell" : state === "rejected" ? "process-not-started" : "process-ended";
  const what = isUnhealthy
    ? "is unhealthy"
    : state === "rejected" || /^starting container failed/.test(reason)
      ? `could not be started: ${plain(reason)}`
      : state === "complete" || (state === "failed" && exitCode)
        ? `exited with code ${exitCode ?? 0}`
        : `failed: ${plain(reason)}`;
  return new OneoffError(
    code,
    [
      `${name} of ${plain(app)}${node === undefined ? "" : ` on ${plain(node)}`} ${what}; ${outcome}; ${lines.length > 0 ? "last output:" : "no output"}`,
      ...lines.map((line) => `  ${line}`),
    ],
    { next },
  );
}

/** @param reason from Swarm, e.g. `no suitable node (…)`. */
export const serviceNotPlaced = (app: string, service: string, reason: string, seconds: number, outcome: string) =>
  new OneoffError(
    "no-suitable-node",
    `No node can run a task of ${plain(service)} of ${plain(app)} for ${seconds} s: ${plain(reason)}; ${outcome}`,
    { next: "docker node ls, then free resources or add a node" },
  );

export const serviceReplaced = (app: string, service: string) =>
  new OneoffError("service-changed", `Another client changed the service ${plain(service)} of ${plain(app)}`, {
    next: `docker service inspect ${plain(service)}, then: oneoff deploy ${plain(app)} …`,
  });

/** A warning. @param types process types. */
export const outagePossible = (types: readonly string[]) =>
  `${types.map(plain).join(", ")} ${types.length === 1 ? "has" : "have"} no health check: Swarm stops an old task as soon as the new one has started, so an outage is possible if the new one fails (add healthchecks to app.json)`;

/** A warning. */
export const checksImpossible = (type: string, checks: readonly string[]) =>
  `The health check of ${plain(type)} cannot run on a Swarm: ${checks.map(plain).join(", ")}: the image has no sh, or neither curl nor wget`;

/** @param port as in oneoff.yaml: `127.0.0.1:80:5000`. */
export const publishedAddress = (app: string, port: string) =>
  usage(
    "address-in-swarm",
    `Cannot publish ${quoted(port)} of ${plain(app)} on an address: a Swarm publishes on all addresses of its nodes`,
    `publish: [${quoted(port.replace(/^[^:]*:/, ""))}] in oneoff.yaml`,
  );

export const nothingInSwarm = (app: string) =>
  new OneoffError("nothing-released", `${quoted(app)} has not been deployed to the Swarm: no release is recorded`, {
    next: `oneoff deploy --swarm ${plain(app)}`,
  });

/** A warning. @param tasks their IDs. */
export const tasksStillRun = (type: string, tasks: readonly string[]) =>
  `Tasks of ${plain(type)} have not reported that they stopped, e.g. because their node is lost: ${tasks.join(", ")}`;

export const releaseNumberTaken = (app: string, number: number) =>
  new OneoffError("release-taken", `Another client has recorded v${number} of ${plain(app)} at the same time`, {
    next: `oneoff releases ${plain(app)}, then deploy again`,
  });

/** @param number of the live release. */
export const typeNotReleased = (app: string, number: number, type: string) =>
  usage(
    "type-not-released",
    `v${number} of ${plain(app)} has no service for the process type ${quoted(type)}`,
    `add ${quoted(type)} to "formation" in oneoff.yaml, then: oneoff deploy ${plain(app)}`,
  );

/** @param nodes their names. @param image that they may get in another way; undefined if the deploy makes it. */
export const nodesOutOfReach = (app: string, nodes: readonly string[], image: string | undefined) => {
  const names = nodes.map(plain).join(", ");
  const [first = ""] = nodes.map(plain);
  const address = `docker node update --label-add dev.oneoff.host=ssh://USER@HOST ${first}`;
  return usage(
    "nodes-out-of-reach",
    image === undefined
      ? `The image of ${plain(app)} cannot be loaded on ${names}: no engine of the node can be reached, and no registry is named`
      : `The image ${quoted(image)} of ${plain(app)} is not on ${names}, and no engine of the node can be reached`,
    image === undefined
      ? `${address}, or: oneoff deploy --swarm --push registry.example.com/${plain(app)} …`
      : `docker save ${plain(image)} | ssh ${first} docker load, or: ${address}`,
  );
};

export const imageNotOnNode = (node: string, image: string) =>
  new OneoffError(
    "image-not-on-node",
    `${plain(node)} has loaded ${plain(image)} with another ID: its engine stores images in another way`,
    { next: "oneoff deploy --swarm --push registry.example.com/APP …" },
  );

export const pushNeedsSwarm = () =>
  usage("push-needs-swarm", "--push is only for deploys to a Swarm", "oneoff deploy --swarm --push …");

export const badPush = (name: string) =>
  usage(
    "bad-push",
    `Invalid --push ${quoted(name)}: expected a registry with a repository`,
    "--push registry.example.com/my-app",
  );

export const phaseNeedsNode = (app: string) =>
  usage(
    "phase-needs-node",
    `The phases of ${plain(app)} run on this node, which accepts no tasks: its secrets, configs and networks cannot be used here`,
    "docker node update --availability active NODE, or use the engine of another manager",
  );

export const deployedToEngine = (app: string) =>
  usage(
    "deployed-to-engine",
    `${quoted(app)} is deployed to this engine: its processes would run beside the services`,
    `oneoff destroy ${plain(app)}, or choose another name for the app`,
  );
