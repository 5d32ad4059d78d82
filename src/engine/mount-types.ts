/** A typed mount, with the names of the Engine API. */
export interface Mount {
  Type: "bind" | "volume" | "tmpfs" | "image";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    readonly Propagation?: string;
    readonly CreateMountpoint?: boolean;
    readonly NonRecursive?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Subpath?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> | null };
  };
  TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
  ImageOptions?: { readonly Subpath?: string };
}
