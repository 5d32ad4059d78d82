/** `GET /nodes` and `GET /nodes/{id}` */
export interface SwarmNode {
  readonly ID: string;
  readonly Spec: {
    readonly Name?: string;
    readonly Role: "worker" | "manager";
    readonly Availability: "active" | "pause" | "drain";
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly Description: {
    readonly Hostname: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Resources?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Engine?: {
      readonly EngineVersion?: string;
      readonly Labels?: Readonly<Record<string, string>> | null;
    };
  };
  readonly Status: {
    readonly State: "unknown" | "down" | "ready" | "disconnected";
    readonly Message?: string;
    readonly Addr?: string;
  };
  /** Only of managers. */
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: "unknown" | "unreachable" | "reachable";
    readonly Addr?: string;
  } | null;
}
