/** `GET /configs/{id}`. The data of a config can be read; the data of a secret cannot. */
export interface SwarmConfig {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  /** ISO 8601, by the clock of the manager. */
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    /** Base64. */
    readonly Data?: string;
  };
}

/** `GET /secrets` */
export interface SwarmSecret {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> | null };
}
