import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

const inspect = (service: string) => `docker service ps --no-trunc ${plain(service)}`;

/** @param reason of the engine. */
export const holderFailed = (node: string, reason: string) =>
  new OneoffError("holder-failed", `The service beside the one-off failed on node ${quoted(node)}: ${reason}`, {
    next: `docker node inspect --pretty ${plain(node)}`,
  });

/** @param reason of the engine. */
export const holderNotScheduled = (node: string, reason: string) =>
  new OneoffError("not-scheduled", `Swarm did not start the one-off on node ${quoted(node)}: ${reason}`, {
    next: `docker node inspect --pretty ${plain(node)}; --start-timeout waits longer`,
  });

/** A warning. */
export const holderStopped = (service: string) =>
  `The service ${plain(service)} has stopped, and with it the network of the one-off: was the node drained?`;

/** @param hostnames of all nodes. */
export const unknownNode = (node: string, hostnames: readonly string[]) =>
  usage(
    "unknown-node",
    [`No such node ${quoted(node)}`, `Nodes: ${hostnames.map(plain).join(", ")}`],
    "docker node ls",
  );

/** @param ids of the nodes. */
export const ambiguousNode = (node: string, ids: readonly string[]) =>
  usage("ambiguous-node", `Several nodes have the name ${quoted(node)}: ${ids.join(", ")}`, `--node ${ids[0]}`);

/** @param reason e.g. "it does not satisfy the constraint node.role==manager". */
export const unfitNode = (node: string, service: string, reason: string) =>
  usage("unfit-node", `Node ${quoted(node)} cannot run ${quoted(service)}: ${reason}`, inspect(service));

/** @param option of run, without a service to apply it to. */
export const notAService = (option: string, app: string) =>
  usage("not-a-service", `${option}: ${quoted(app)} is not a service of a Swarm`, "docker service ls");

const nodeHost = (node: string) =>
  `docker node update --label-add dev.oneoff.host=ssh://USER@${plain(node)} ${plain(node)}, or a docker context named ${plain(node)}`;

/** The change that gets further if a service task cannot do what is requested. @param node whose engine would do. */
export const insteadOfTask = (reason: string, node: string | undefined) => {
  if (reason === "--detach") return "remove --detach, or the option";
  if (reason === "--anywhere") return "remove --anywhere, or choose a node: --node NAME";
  return node === undefined ? "docker node ls" : `name the engine of the node: ${nodeHost(node)}`;
};

/** A warning. @param place of the engine. */
export const otherNode = (place: string, node: string) => `The engine ${plain(place)} is not node ${quoted(node)}`;

/** @param port of the container. */
export const portOnOverlay = (network: string) =>
  usage(
    "port-on-overlay",
    `Ports of a one-off cannot be published: containers cannot join the network ${quoted(network)}`,
    "add --network bridge, or remove --publish",
  );
