import { createHash } from "node:crypto";
import { bytesItem } from "../streams/bytes-item.ts";
import { packTar } from "../streams/pack-tar.ts";
import { rewriteTar } from "../streams/rewrite-tar.ts";
import { historyRows } from "./answers.ts";
import type { ImageDetails } from "./image-types.ts";
import { loadImages } from "./images.ts";
import type { Transport } from "./transport.ts";

/** The config of an image in the image format, without layers. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly variant?: string;
  readonly author?: string;
  /** ISO 8601. */
  readonly created?: string;
  /** As returned by the engine, including unknown fields. */
  readonly config: NonNullable<ImageDetails["Config"]>;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history: readonly HistoryEntry[];
}

/** From the oldest entry. */
export interface HistoryEntry {
  /** ISO 8601. */
  readonly created: string;
  readonly created_by: string;
  readonly comment?: string;
  readonly empty_layer?: true;
}

/** `GET /images/{name}/history`, from the newest entry. It does not mark which entries without bytes are layers. */
export interface HistoryRow {
  /** In seconds since 1970. */
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Comment: string;
  /** In bytes. */
  readonly Size: number;
}

export async function imageHistory(engine: Transport, image: string): Promise<HistoryRow[]> {
  return (await engine.send({ method: "GET", path: `/images/${image}/history` })).json<HistoryRow[]>(historyRows);
}

/**
 * `POST /images/load` of an archive with this config and no layers: the engine reuses its own layers.
 * @param tag without a registry; moves to the image. @throws OneoffError `load-failed` if an engine needs the layers.
 */
export async function loadImageConfig(engine: Transport, config: ImageConfig, tag: string): Promise<void> {
  // Files that the engine reads only if it does not have the layers.
  const layers = config.rootfs.diff_ids.map((id) => `${id.replace(/^sha256:/, "")}/layer.tar`);
  await loadImages(engine, () => packTar(items(description(config, layers, tag))));
}

/** The files of an archive that describe its content. */
const DESCRIPTION: ReadonlySet<string> = new Set(["manifest.json", "index.json", "oci-layout", "repositories"]);

/**
 * `GET /images/{name}/get` into `POST /images/load` with a replaced config. All bytes pass through oneoff, which is
 * slow but works with every engine.
 */
export async function loadImageWithConfig(engine: Transport, image: string, config: ImageConfig, tag: string) {
  const { stream } = await engine.send({ method: "GET", path: `/images/${image}/get`, isOpenEnded: true });
  const rewritten = rewriteTar(
    stream,
    (name) => DESCRIPTION.has(name),
    (own) => {
      const [manifest] = JSON.parse(own.get("manifest.json")?.toString() ?? "[]") as { Layers: string[] }[];
      return description(config, manifest?.Layers ?? [], tag);
    },
  );
  await loadImages(engine, () => rewritten);
}

/** The full form of a short name. Podman would resolve a short name in archives to localhost. */
export const fullName = (tag: string) => `docker.io/${tag}`;

/** @param layers the files of the layers. */
function description(config: ImageConfig, layers: readonly string[], tag: string): Record<string, Buffer> {
  const text = Buffer.from(JSON.stringify(config));
  const file = `${createHash("sha256").update(text).digest("hex")}.json`;
  const manifest = [{ Config: file, RepoTags: [fullName(tag)], Layers: layers }];
  return { [file]: text, "manifest.json": Buffer.from(JSON.stringify(manifest)) };
}

const items = (files: Readonly<Record<string, Buffer>>) =>
  Object.entries(files).map(([name, bytes]) =>
    bytesItem({ name, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length }, () => bytes),
  );
