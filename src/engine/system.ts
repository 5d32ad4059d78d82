import { info, version } from "./answers.ts";
import type { Transport } from "./transport.ts";

/** `GET /version` */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[] | null;
}

/** `GET /info` */
export interface EngineInfo {
  readonly ID?: string;
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly Driver?: string;
  /** Pairs of a name and a value. */
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  readonly DockerRootDir?: string;
  readonly Plugins?: { readonly Log?: readonly string[] | null };
  readonly InitBinary?: string;
  readonly InitCommit?: { readonly ID?: string };
  readonly SecurityOptions?: readonly string[] | null;
  /** ISO 8601. */
  readonly SystemTime?: string;
  readonly MemoryLimit?: boolean;
  readonly CgroupVersion?: string;
  readonly HttpProxy?: string;
  readonly HttpsProxy?: string;
  readonly Containers?: number;
  readonly ContainersRunning?: number;
  readonly Swarm?: {
    readonly NodeID?: string;
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly Error?: string;
    readonly RemoteManagers?: readonly { readonly NodeID: string; readonly Addr: string }[] | null;
  } | null;
}

export async function engineVersion(engine: Transport): Promise<EngineVersion> {
  return (await engine.send({ method: "GET", path: "/version" })).json<EngineVersion>(version);
}

export async function engineInfo(engine: Transport): Promise<EngineInfo> {
  return (await engine.send({ method: "GET", path: "/info" })).json<EngineInfo>(info);
}

/** The identity of an engine, which is stable as long as its images exist. */
export async function engineId(engine: Transport): Promise<string> {
  const { ID = "", Name = "" } = await engineInfo(engine);
  return engine.quirks.hasStableId ? ID : Name;
}
