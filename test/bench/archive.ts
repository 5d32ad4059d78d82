import { entryOf, archive as pack, xz } from "../../build/archive.ts";
import { BINARY, type Case } from "./bench.ts";

/** The size of a release: the binary, compressed as the release compresses it. The texts beside it add 1 %. */
export const archive: Case = async () => {
  const { length } = await xz(await pack("oneoff", [entryOf(BINARY, "oneoff", true)], 0));
  const target = { of: "oneoff", atMost: 33 } as const;
  return [{ case: "release archive of this machine", unit: "MB", oneoff: [length / 1e6], peer: [], target }];
};
