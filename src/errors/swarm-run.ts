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

/**
 * @param reason e.g. `no engine of a fitting node can be reached`.
 * @param node whose engine would do.
 */
export const noStdioForTask = (what: "a TTY" | "stdin", reason: string, node: string | undefined) =>
  usage(
    "no-stdio-on-swarm",
    `A service task cannot have ${what}: ${reason}`,
    node === undefined ? "add --no-tty, and </dev/null" : `name the engine of the node: ${nodeHost(node)}`,
  );

/** A warning. @param place of the engine. */
export const otherNode = (place: string, node: string) => `The engine ${plain(place)} is not node ${quoted(node)}`;

/** @param port of the container. */
export const portOnOverlay = (network: string) =>
  usage(
    "port-on-overlay",
    `Ports of a one-off cannot be published: containers cannot join the network ${quoted(network)}`,
    "add --network bridge, or remove --publish",
  );

/** @param cause why the log cannot be read to its end. */
export const taskOutputCut = (cause: unknown) =>
  new OneoffError(
    "output-lost",
    `The output is incomplete: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      next: "oneoff ps --all",
      cause,
    },
  );

export const taskLogSilent = () =>
  new OneoffError("task-log-silent", "The node does not send the log of the task", { next: "docker node ls" });
