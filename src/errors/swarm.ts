import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

/** A warning. @param settings `variable SLOT`, `mount /data`. */
export const omittedSettings = (settings: readonly string[]) =>
  `A container does not get settings that depend on the task of the service: ${settings.map(plain).join(", ")}`;

/** @param container of a task. @param managers addresses. */
export const notAManager = (app: string, container: string, managers: readonly string[]) =>
  new OneoffError(
    "not-a-manager",
    [
      `Cannot copy the Swarm service ${quoted(app)}: this engine is not a manager, so its secrets and configs are unknown`,
      ...(managers.length > 0 ? [`managers: ${managers.map(plain).join(", ")}`] : []),
    ],
    {
      next: `oneoff run --host ssh://MANAGER ${plain(app)} …, or without secrets: oneoff run container:${plain(container)} …`,
    },
  );

export const deployedToSwarm = (app: string) =>
  new OneoffError("deployed-to-swarm", `${quoted(app)} is deployed to the Swarm`, {
    next: `oneoff deploy --swarm ${plain(app)} …, or set swarm: true in oneoff.yaml`,
  });

/** What was searched for an unknown app. */
export const searched = {
  manager: "no service of the Swarm",
  worker: (managers: readonly string[]) =>
    `no local task of a Swarm service; this engine is a worker, and only managers know all services: ${managers.map(plain).join(", ")}`,
};

export const notInSwarm = (app: string) =>
  new OneoffError(
    "not-in-swarm",
    `No service of ${quoted(app)} in the Swarm of this engine: its secrets and configs are not available`,
    { next: `oneoff deploy ${plain(app)}, or use the engine of a manager` },
  );

/** @param app the app that has the service. */
export const serviceOfApp = (service: string, app: string, command: string) =>
  usage(
    "service-of-app",
    `${quoted(service)} is a service of the app ${quoted(app)}; its services change together`,
    `oneoff ${command} ${plain(app)}`,
  );

/** A warning. @param nodes their names. */
export const imagesLeft = (app: string, nodes: readonly string[]) => [
  `Images of ${plain(app)} may be left on ${nodes.map(plain).join(", ")}: no engine of the node can be reached`,
  `  ssh ${plain(nodes[0] ?? "")} docker image ls oneoff/${plain(app)}, then docker image rm`,
];

/** @param kind `secret` or `config`. */
export const releaseNeedsObject = (kind: string, name: string, app: string, release: number) =>
  new OneoffError(
    `missing-${kind}`,
    `v${release} of ${plain(app)} used the ${kind} ${quoted(name)}, which was removed since`,
    { next: `oneoff releases ${plain(app)}, or create the ${kind} and deploy: oneoff deploy ${plain(app)}` },
  );
