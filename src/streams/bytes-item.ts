import type { TarItem } from "./pack-tar.ts";
import type { TarHeader } from "./tar-header.ts";

/** A file of an archive whose content is in memory. @param content called by the first read. */
export function bytesItem(header: TarHeader, content: () => Buffer): TarItem {
  let bytes: Buffer | undefined;
  let at = 0;
  return {
    header,
    read(memory) {
      bytes ??= content();
      const length = bytes.copy(memory, 0, at);
      at += length;
      return length;
    },
  };
}
