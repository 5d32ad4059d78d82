declare module "postject" {
  /** Puts `data` into an executable under the name `resource`, and flips the fuse that makes Node look for it. */
  export function inject(
    file: string,
    resource: string,
    data: Uint8Array,
    options: { sentinelFuse: string; machoSegmentName?: string },
  ): Promise<void>;
}
