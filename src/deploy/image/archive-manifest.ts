import { posix } from "node:path";
import { fullName } from "../../engine/load-image-config.ts";
import { badImageArchive, imageNotInArchive, notOneImage } from "../../errors/image.ts";

/** The files of an archive that give its images their names: Docker's own, and those of an OCI layout. */
const INDEX_FILES: ReadonlySet<string> = new Set(["manifest.json", "repositories", "index.json", "oci-layout"]);

/** Engines unpack an archive before they read these files, so `./manifest.json` is one of them too. */
const pathOf = (name: string) => posix.join("/", name).slice(1);

export const isIndexFile = (name: string): boolean => INDEX_FILES.has(pathOf(name));

/** An entry of manifest.json: one image. */
interface Manifest {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
}

/** An entry of index.json: one image, or one name of it. */
interface Descriptor {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface ArchivedImage {
  readonly names: readonly string[];
  readonly ids: readonly string[];
  readonly manifest: Manifest | undefined;
  readonly descriptor: Descriptor | undefined;
}

const CONTAINERD_NAME = "io.containerd.image.name";
const OCI_NAME = "org.opencontainers.image.ref.name";

/**
 * The index files of an archive that has one image only, under one name: loading moves each tag that an archive names, and
 * an archive may name any tag of the engine.
 * @param name of the archive. @param files its own index files. @param wanted a name or an id; there must be one image unless given.
 */
export function singleImageIndex(
  name: string,
  files: ReadonlyMap<string, Buffer>,
  tag: string,
  wanted: string | undefined,
): Record<string, Buffer> {
  const contents = new Map(Array.from(files, ([path, bytes]) => [pathOf(path), bytes]));
  const { manifest, descriptor } = chooseImage(name, imagesOf(name, contents), wanted);
  const layout = contents.get("oci-layout");
  return {
    ...(manifest && { "manifest.json": json([{ ...manifest, RepoTags: [fullName(tag)] }]) }),
    ...(descriptor && layout && { "oci-layout": layout }),
    ...(descriptor && {
      "index.json": json({
        ...(parse(name, contents, "index.json") as object),
        manifests: [
          {
            ...descriptor,
            annotations: { ...descriptor.annotations, [CONTAINERD_NAME]: fullName(tag), [OCI_NAME]: fullName(tag) },
          },
        ],
      }),
    }),
  };
}

function chooseImage(archive: string, images: readonly ArchivedImage[], wanted: string | undefined): ArchivedImage {
  const names = images.flatMap(({ names, ids }) => (names.length > 0 ? names : ids.slice(0, 1)));
  const matching = images.filter(
    ({ names, ids }) => wanted === undefined || names.includes(shortName(wanted)) || ids.includes(wanted),
  );
  if (wanted !== undefined && images.length > 0 && matching.length === 0)
    throw imageNotInArchive(archive, wanted, names);
  const [image] = matching;
  if (!image || matching.length > 1) throw notOneImage(archive, names);
  return image;
}

function imagesOf(archive: string, files: ReadonlyMap<string, Buffer>): ArchivedImage[] {
  const described = images(descriptorsOf(archive, files), {
    id: ({ digest }) => digest,
    names: ({ annotations }) => [annotations?.[CONTAINERD_NAME] ?? annotations?.[OCI_NAME] ?? []].flat(),
  });
  const listed = images(manifestsOf(archive, files), {
    id: ({ Config }) => `sha256:${/([0-9a-f]{64})(\.json)?$/.exec(Config)?.[1]}`,
    names: ({ RepoTags }) => RepoTags ?? [],
  });
  if (listed.length === 0)
    return described.map(({ entry, ...image }) => ({ ...image, manifest: undefined, descriptor: entry }));
  return listed.map(({ entry, ids, names }) => {
    // Both files list the same images, the one by their configs, the other by their manifests.
    const same = described.find((one) => one.names.some((name) => names.includes(name)));
    const only = described.length === 1 && listed.length === 1 ? described[0] : undefined;
    const other = same ?? only;
    return { names, ids: [...ids, ...(other?.ids ?? [])], manifest: entry, descriptor: other?.entry };
  });
}

/** One for each id: an archive repeats an image for each of its names. */
function images<T>(entries: readonly T[], of: { id(entry: T): string; names(entry: T): readonly string[] }) {
  return Array.from(Map.groupBy(entries, of.id), ([id, same]) => ({
    entry: same[0] as T,
    ids: [id],
    names: [...new Set(same.flatMap(of.names).map(shortName))],
  }));
}

function manifestsOf(archive: string, files: ReadonlyMap<string, Buffer>): Manifest[] {
  const manifests = parse(archive, files, "manifest.json") ?? [];
  const isManifest = (one: unknown): one is Manifest =>
    typeof (one as Manifest | null)?.Config === "string" && isNames((one as Manifest).RepoTags ?? []);
  if (!Array.isArray(manifests) || !manifests.every(isManifest)) throw badImageArchive(archive, "manifest.json");
  return manifests;
}

function descriptorsOf(archive: string, files: ReadonlyMap<string, Buffer>): Descriptor[] {
  const index = parse(archive, files, "index.json") ?? {};
  const { manifests = [] } = index as { readonly manifests?: unknown };
  const isDescriptor = (one: unknown): one is Descriptor =>
    typeof (one as Descriptor | null)?.digest === "string" &&
    isNames(Object.values((one as Descriptor).annotations ?? {}));
  if (!Array.isArray(manifests) || !manifests.every(isDescriptor)) throw badImageArchive(archive, "index.json");
  return manifests;
}

const isNames = (names: unknown) => Array.isArray(names) && names.every((name) => typeof name === "string");

/** @returns undefined for a file that the archive does not have. */
function parse(archive: string, files: ReadonlyMap<string, Buffer>, path: string): unknown {
  const bytes = files.get(path);
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString()) ?? undefined;
  } catch {
    throw badImageArchive(archive, path);
  }
}

/** Docker leaves out its own registry, and Podman its own, which is this machine. */
const shortName = (name: string) => name.replace(/^(docker\.io\/(library\/)?|localhost\/)/, "");

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
