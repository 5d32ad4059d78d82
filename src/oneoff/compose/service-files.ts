import type { ComposeFileObject, LoadedCompose } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { FileReference } from "../../app/compose/service-parts.ts";
import { unsupportedFile } from "../../errors/services.ts";
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
      const refuse = (why: string): never => {
        throw unsupportedFile(name, `${kind.slice(0, -1)} ${JSON.stringify(source)}`, why);
      };
      const content = contentOf(project[kind]?.[source], contents[kind][source], refuse);
      if (!content) return [];
      if (service.read_only) refuse("the root file system is read-only");
      return [toFile(kind, reference, content)];
    }),
  );
}

function contentOf(
  object: ComposeFileObject = {},
  ofVariable: string | undefined,
  refuse: (why: string) => never,
): string | undefined {
  if (object.external) refuse("it is external, which only Swarm supports");
  if (object.driver || object.template_driver) refuse("drivers are supported by Swarm only");
  if (object.content) return object.content;
  if (!object.environment) return undefined;
  return ofVariable ?? refuse(`the variable ${object.environment} is not set`);
}

const toFile = (kind: FileKind, reference: FileReference, content: string): ServiceFile => ({
  target: fileTarget(kind, reference),
  content: Buffer.from(content),
  mode: reference.mode === undefined ? READABLE : Number.parseInt(reference.mode, 8),
  uid: Number(reference.uid ?? 0),
  gid: Number(reference.gid ?? 0),
});
