import { type EndpointOptions, endpointChain } from "../../engine/endpoint/endpoint-chain.ts";
import type { Context } from "../context.ts";
import type { Facts } from "./facts.ts";
import { probeEngine } from "./probe-engine.ts";
import { probeDisks, probeDockerConfig, probeFolders, probeTerminal } from "./probe-here.ts";
import { probeSocket } from "./probe-socket.ts";

/** Looks at everything, and changes nothing. @throws OneoffError for options that contradict each other. */
export async function probe(context: Context, options: EndpointOptions): Promise<Facts> {
  const chain = endpointChain(options, context);
  const won = chain.find((link) => link.won);
  // A way that cannot be gone is a fact of its own.
  const engine = won?.error ? {} : await probeEngine(context, options);
  const socket = won?.endpoint && "socketPath" in won.endpoint ? won.endpoint.socketPath : undefined;
  const isHere = socket !== undefined && !/Desktop/.test(engine.info?.OperatingSystem ?? "");
  const folders = probeFolders(context.env);
  return {
    chain,
    engine,
    socket: socket === undefined ? undefined : probeSocket(socket),
    disks: probeDisks(isHere ? engine.info : undefined, folders),
    folders,
    terminal: probeTerminal(context),
    ...probeDockerConfig(context),
  };
}
