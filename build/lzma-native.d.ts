declare module "lzma-native" {
  const lzma: {
    readonly CHECK_CRC64: number;
    /** A stream that compresses to the format of `xz`. */
    createCompressor(options: { preset: number; threads: number; check: number }): import("node:stream").Duplex;
  };
  export default lzma;
}
