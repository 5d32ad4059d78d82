import type { SwarmNode } from "../../engine/swarm/node-types.ts";
import { type Finding, ok, type SwarmFacts, warn } from "./facts.ts";

/** The role of the engine in its Swarm, and nodes that cannot run tasks. */
export function swarmFindings({ isManager, state, error, managers, nodes }: SwarmFacts): Finding[] {
  if (state === "locked") return [warn("swarm", "the manager is locked", "docker swarm unlock")];
  const addresses = managers.map(({ Addr }) => Addr).join(", ");
  if (state !== "active" || (isManager && !nodes)) {
    const reason = error ?? `the state of the engine is ${state}`;
    return [warn("swarm", `${reason}${addresses && `; managers: ${addresses}`}`, "docker info, docker node ls")];
  }
  if (!nodes) return [ok("swarm", `worker; only managers know all services: ${addresses || "none known"}`)];
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const leader = nodes.find(({ ManagerStatus }) => ManagerStatus?.Leader)?.Description.Hostname;
  const total = `${count(nodes.length, "node")}, ${count(nodes.filter(isManagerNode).length, "manager")}`;
  return [
    ok("swarm", `manager; ${total} (${addresses})${leader === undefined ? "" : `; leader ${leader}`}`),
    ...nodes.flatMap(nodeFindings),
  ];
}

const isManagerNode = ({ Spec: { Role } }: SwarmNode) => Role === "manager";

function nodeFindings({ Description: { Hostname }, Spec, Status, ManagerStatus }: SwarmNode): Finding[] {
  const about = `node ${Hostname}`;
  if (Status.State !== "ready") {
    const reason = Status.Message ? `: ${Status.Message}` : "";
    return [warn("swarm", `${about} is ${Status.State}${reason}`, `docker node inspect --pretty ${Hostname}`)];
  }
  if (ManagerStatus?.Reachability === "unreachable") {
    return [warn("swarm", `${about} is not reachable as a manager`, `docker node inspect --pretty ${Hostname}`)];
  }
  if (Spec.Availability === "active") return [];
  return [
    warn(
      "swarm",
      `${about} takes no tasks (${Spec.Availability})`,
      `docker node update --availability active ${Hostname}`,
    ),
  ];
}
