import type { ImageDetails } from "../engine/image-types.ts";
import type { HistoryEntry, HistoryRow, ImageConfig } from "../engine/load-image-config.ts";

/**
 * The config of an image as the engine must have it, put together from what it tells of it.
 * @param config in place of its own.
 */
export function imageConfig(
  details: ImageDetails,
  rows: readonly HistoryRow[],
  config: ImageConfig["config"],
): ImageConfig {
  const { Architecture, Os, OsVersion, Variant, Author, Created, RootFS } = details;
  const layers = RootFS?.Layers ?? [];
  return {
    architecture: Architecture ?? "",
    os: Os ?? "",
    ...(OsVersion && { "os.version": OsVersion }),
    ...(Variant && { variant: Variant }),
    ...(Author && { author: Author }),
    ...(Created && { created: Created }),
    config,
    rootfs: { type: "layers", diff_ids: layers },
    history: historyOf(rows, layers.length),
  };
}

/** What changes nothing but the Config: how builders write it down, with a shell in front or not. */
const METADATA =
  /^(?:\S.* #\(nop\) +)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

/**
 * The history as an image has it. Which rows without bytes are layers nobody says, only how many layers there are: those
 * that may have changed a file, the newest first. It decides what people see as a step's size, and nothing else.
 */
export function historyOf(rows: readonly HistoryRow[], layers: number): HistoryEntry[] {
  const without = rows.filter(({ Size }) => Size === 0);
  const missing = Math.max(0, layers - (rows.length - without.length));
  const likely = without.filter(({ CreatedBy }) => !METADATA.test(CreatedBy));
  const taken = new Set(likely.slice(0, missing));
  return rows.toReversed().map((row): HistoryEntry => {
    const { Created, CreatedBy, Comment, Size } = row;
    return {
      created: new Date(Created * 1000).toISOString(),
      created_by: CreatedBy,
      ...(Comment && { comment: Comment }),
      ...(Size === 0 && !taken.has(row) && { empty_layer: true }),
    };
  });
}
