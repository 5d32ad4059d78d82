import type { ComposeFileObject, LoadedCompose } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { FileReference } from "../../app/compose/service-parts.ts";
import { unsetFile, unsupportedFile } from "../../errors/services.ts";
import { type FileKind, fileTarget } from "./service-mounts.ts";

/** A secret or config that is copied into the created container, because it is no file. */
export interface ServiceFile {
  /** An absolute path. */
  readonly target: string;
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const READABLE = 0o444;

/** @throws OneoffError for a secret or config that Compose does not support, or that has no value */
export function serviceFiles(
  { project, contents }: Pick<LoadedCompose, "project" | "contents">,
  name: string,
  service: ComposeService,
): ServiceFile[] {
  return (["secrets", "configs"] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap((reference) => {
      const { source = "" } = reference;
      const object = project[kind]?.[source] ?? {};
      const what = `${kind.slice(0, -1)} ${JSON.stringify(source)}`;
      const problem = problemOf(object);
      if (problem) throw unsupportedFile(name, what, problem);
      const content = object.content || (object.environment && contents[kind][source]);
      if (object.environment && content === undefined) throw unsetFile(name, what, object.environment);
      if (!content) return [];
      if (service.read_only) throw unsupportedFile(name, what, "the root file system is read-only");
      return [toFile(kind, reference, content)];
    }),
  );
}

function problemOf({ external, driver, template_driver }: ComposeFileObject): string | undefined {
  if (external) return "it is external, which only Swarm supports";
  return driver || template_driver ? "only Swarm supports drivers" : undefined;
}

const toFile = (kind: FileKind, reference: FileReference, content: string): ServiceFile => ({
  target: fileTarget(kind, reference),
  content: Buffer.from(content),
  mode: reference.mode === undefined ? READABLE : Number.parseInt(reference.mode, 8),
  uid: Number(reference.uid ?? 0),
  gid: Number(reference.gid ?? 0),
});
