import { listContainers } from "../../engine/containers.ts";
import type { PortBinding, PortBindings } from "../../engine/host-types.ts";
import { lacksGpuDriver, takenPortOf } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { noGpuDriver, portTaken } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import type { OneoffContainer } from "./container.ts";

/** Reports where the ports of a started one-off are published: the engine chooses some. */
export async function reportPorts(
  engine: Transport,
  report: Report,
  { app, ports }: Pick<OneoffSpec, "app" | "ports">,
  { id, name }: OneoffContainer,
): Promise<void> {
  if (!ports) return;
  // The command runs, also if the engine does not answer this.
  const [container] = await listContainers(engine, { id: [id] }).catch(() => []);
  const published = (container?.Ports ?? []).flatMap(({ IP = "", PrivatePort, PublicPort, Type }) =>
    PublicPort ? { port: `${PrivatePort}/${Type}`, address: `${hostOf(IP)}:${PublicPort}` } : [],
  );
  // A short command has exited by now.
  if (published.length > 0) report({ type: "published", app, name, ports: published.sort(byPort) });
}

type Port = { readonly port: string; readonly address: string };

const byPort = (a: Port, b: Port) =>
  Number.parseInt(a.port, 10) - Number.parseInt(b.port, 10) || (a.address < b.address ? -1 : 1);

const hostOf = (address: string) => (address.includes(":") ? `[${address}]` : address || "0.0.0.0");

/** @returns why the engine refused a start, if the cause is an option of the container; otherwise the given error. */
export async function explainRefusedOption(
  engine: Transport,
  error: unknown,
  ports: PortBindings | undefined,
): Promise<unknown> {
  if (lacksGpuDriver(error)) return noGpuDriver(error);
  const taken = takenPortOf(error);
  const port = taken && Object.entries(ports ?? {}).find(([, all]) => all.some((one) => includes(one, taken.hostPort)));
  if (!port) return error;
  const running = await listContainers(engine, { status: ["running"] }).catch(() => []);
  const holder = running.find(({ Ports }) => Ports?.some(({ PublicPort }) => PublicPort === taken.hostPort));
  return portTaken(port[0], taken.address, holder?.Names[0]?.replace(/^\//, ""), error);
}

function includes({ HostPort }: PortBinding, port: number): boolean {
  const [first, last = first] = HostPort.split("-").map(Number);
  return first !== undefined && last !== undefined && first <= port && port <= last;
}
