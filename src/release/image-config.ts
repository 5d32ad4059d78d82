import type { ImageDetails } from "../engine/image-types.ts";
import type { HistoryEntry, HistoryRow, ImageConfig } from "../engine/load-image-config.ts";

/**
 * Reconstructs the config of an image from inspect and history.
 * @param config replaces the image's Config.
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

/** History entries of instructions that change only the Config, with or without a shell in front. */
const METADATA =
  /^(?:\S.* #\(nop\) +)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

/**
 * The history in image format. The engine reports only the number of layers, not which rows without bytes are layers:
 * the newest rows that may have changed files are chosen. This affects only the displayed size of steps.
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
