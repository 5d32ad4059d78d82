import { hosts, labels, variables, words } from "./map-shapes.ts";
import { fileReferences, ulimits } from "./mount-shapes.ts";
import { flag, size, text } from "./scalar-shapes.ts";
import { kinds, or, struct, writing } from "./shape.ts";
import { isMap, printed } from "./value.ts";

const textOrTruth = kinds(text.write, { text: true, truth: true });

/** Keys of SSH agents: a map, or a list of `id=path`. */
const keys = writing(labels, (value) => {
  const entries = isMap(value) ? Object.entries(value) : [];
  if (entries.length === 0) return undefined;
  return entries.map(([id, path]) => ({ id, ...(path !== null && { path: printed(path) }) }));
});

/** The keys of `build`. */
export const build = or(
  struct({
    additional_contexts: labels,
    args: variables,
    cache_from: words,
    cache_to: words,
    context: text,
    dockerfile: text,
    dockerfile_inline: text,
    entitlements: words,
    extra_hosts: hosts,
    isolation: text,
    labels,
    network: text,
    no_cache: flag,
    platforms: words,
    privileged: flag,
    provenance: textOrTruth,
    pull: flag,
    sbom: textOrTruth,
    secrets: fileReferences,
    shm_size: size,
    ssh: keys,
    tags: words,
    target: text,
    ulimits,
  }),
  { text: true },
);
