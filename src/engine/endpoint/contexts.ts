import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { badDockerFile, unknownContext } from "../../errors/engine.ts";
import type { Address, TlsSettings } from "./endpoint.ts";
import { parseHost } from "./parse-host.ts";

/** What is looked at to find the engine. */
export interface EndpointWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string): Uint8Array;
}

/** The context that is none: the engine is looked for as without any. */
export const DEFAULT_CONTEXT = "default";

/** Docker's own folder; undefined where there is no home to have it. */
export const dockerFolder = ({ DOCKER_CONFIG, HOME }: EndpointWorld["env"]): string | undefined =>
  DOCKER_CONFIG || (HOME && `${HOME}/.docker`);

/** What docker's configuration says; undefined where there is none. @throws OneoffError when it makes no sense. */
export function dockerConfig<T extends object>(world: EndpointWorld): T | undefined {
  const folder = dockerFolder(world.env);
  if (!folder) return undefined;
  // After `sudo -u` or `setpriv` HOME is another user's, whose home may be closed: that is no configuration of this user.
  const isClosed = () => !world.env.DOCKER_CONFIG && !world.exists(folder);
  return readJson<T>(world, `${folder}/config.json`, isClosed);
}

/** The context that `docker context use` has set, with the file that says so. */
export function currentContext(world: EndpointWorld): string | undefined {
  const { currentContext: name } = dockerConfig<{ currentContext?: unknown }>(world) ?? {};
  return typeof name === "string" && name !== "" ? name : undefined;
}

interface Meta {
  readonly Name?: string;
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** Where a context leads. @param source what named it. @throws OneoffError when there is none of that name, or it is none. */
export function readContext(name: string, source: string, world: EndpointWorld): Address {
  const folder = dockerFolder(world.env);
  const id = createHash("sha256").update(name).digest("hex");
  const file = `${folder}/contexts/meta/${id}/meta.json`;
  const meta = folder && readJson<Meta>(world, file);
  if (!meta) throw unknownContext(name, source, contextNames(world));
  const { Host, SkipTLSVerify = false } = meta.Endpoints?.docker ?? {};
  if (!Host) throw badDockerFile(file, "has no engine's address in it");
  return parseHost(Host, `context ${name}`, () =>
    contextTls(`${folder}/contexts/tls/${id}/docker`, SkipTLSVerify, world),
  );
}

/** A context speaks TLS when it has any file for it, or says that nothing is to be verified. */
function contextTls(folder: string, skip: boolean, { exists }: EndpointWorld): TlsSettings | undefined {
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => {
    const path = `${folder}/${name}`;
    return exists(path) ? path : undefined;
  });
  return ca || cert || key || skip ? { ca, cert, key, verify: !skip } : undefined;
}

/** The names of all contexts there are, in their order; the default one is always there. */
export function contextNames(world: EndpointWorld): string[] {
  const folder = `${dockerFolder(world.env)}/contexts/meta`;
  const names = foldersIn(folder).flatMap((id) => {
    try {
      return readJson<Meta>(world, `${folder}/${id}/meta.json`)?.Name ?? [];
    } catch {
      // What is no context is no name either.
      return [];
    }
  });
  return [...new Set([DEFAULT_CONTEXT, ...names.sort()])];
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param isClosed whether what may not be read is as good as absent. @returns undefined when there is no such file. */
function readJson<T extends object>({ readFile }: EndpointWorld, file: string, isClosed = () => false): T | undefined {
  let text: string;
  try {
    text = Buffer.from(readFile(file)).toString();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || (code === "EACCES" && isClosed())) return undefined;
    throw badDockerFile(file, `cannot be read: ${code === "EACCES" ? "permission denied" : message}`);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === "object") return parsed as T;
  } catch {
    // Said below.
  }
  throw badDockerFile(file, "is no JSON object");
}
