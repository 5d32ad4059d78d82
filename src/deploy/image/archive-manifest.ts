import { posix } from "node:path";
import { fullName } from "../../engine/load-image-config.ts";
import { badImageArchive, imageNotInArchive, notOneImage } from "../../errors/image.ts";

/** The files of an archive that name its images, in Docker's format and in an OCI layout. */
const INDEX_FILES: ReadonlySet<string> = new Set(["manifest.json", "repositories", "index.json", "oci-layout"]);

/** Engines unpack an archive before they read its index, so they accept `./manifest.json`. */
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
 * Index files with one image under one tag. Without them, loading an archive would move every tag that it names.
 * @param name of the archive. @param files its own index files.
 * @param selector a name or an ID; required if the archive has several images.
 */
export function singleImageIndex(
  name: string,
  files: ReadonlyMap<string, Buffer>,
  tag: string,
  selector: string | undefined,
): Record<string, Buffer> {
  const contents = new Map(Array.from(files, ([path, bytes]) => [pathOf(path), bytes]));
  const { manifest, descriptor } = chooseImage(name, imagesOf(name, contents), selector);
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

function chooseImage(archive: string, images: readonly ArchivedImage[], selector: string | undefined): ArchivedImage {
  const names = images.flatMap(({ names, ids }) => (names.length > 0 ? names : ids.slice(0, 1)));
  const matching = images.filter(
    ({ names, ids }) => selector === undefined || names.includes(shortName(selector)) || ids.includes(selector),
  );
  if (selector !== undefined && images.length > 0 && matching.length === 0)
    throw imageNotInArchive(archive, selector, names);
  const [image] = matching;
  if (!image || matching.length > 1) throw notOneImage(archive, names);
  return image;
}

function imagesOf(archive: string, files: ReadonlyMap<string, Buffer>): ArchivedImage[] {
  const described = groupById(descriptorsOf(archive, files), {
    id: ({ digest }) => digest,
    names: ({ annotations }) => [annotations?.[CONTAINERD_NAME] ?? annotations?.[OCI_NAME] ?? []].flat(),
  });
  const listed = groupById(manifestsOf(archive, files), {
    id: ({ Config }) => `sha256:${/([0-9a-f]{64})(\.json)?$/.exec(Config)?.[1]}`,
    names: ({ RepoTags }) => RepoTags ?? [],
  });
  if (listed.length === 0)
    return described.map(({ entry, ...image }) => ({ ...image, manifest: undefined, descriptor: entry }));
  return listed.map(({ entry, ids, names }) => {
    // manifest.json lists configs, index.json lists manifests of the same images.
    const same = described.find((one) => one.names.some((name) => names.includes(name)));
    const only = described.length === 1 && listed.length === 1 ? described[0] : undefined;
    const other = same ?? only;
    return { names, ids: [...ids, ...(other?.ids ?? [])], manifest: entry, descriptor: other?.entry };
  });
}

/** Groups entries by ID: an archive repeats an image for each of its names. */
function groupById<T>(entries: readonly T[], of: { id(entry: T): string; names(entry: T): readonly string[] }) {
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

/** @returns undefined for a missing file. */
function parse(archive: string, files: ReadonlyMap<string, Buffer>, path: string): unknown {
  const bytes = files.get(path);
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString()) ?? undefined;
  } catch {
    throw badImageArchive(archive, path);
  }
}

/** Docker omits `docker.io`, Podman omits `localhost`. */
const shortName = (name: string) => name.replace(/^(docker\.io\/(library\/)?|localhost\/)/, "");

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
