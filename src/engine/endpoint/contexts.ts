import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { badDockerFile, unknownContext } from "../../errors/engine.ts";
import type { Address, TlsSettings } from "./endpoint.ts";
import { parseHost } from "./parse-host.ts";

/** The environment in which the engine is searched. */
export interface EndpointWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string): Uint8Array;
}

/** The name that means no context. */
export const DEFAULT_CONTEXT = "default";

/** docker's configuration folder; undefined without a home directory. */
export const dockerFolder = ({ DOCKER_CONFIG, HOME }: EndpointWorld["env"]): string | undefined =>
  DOCKER_CONFIG || (HOME && `${HOME}/.docker`);

/** docker's config.json; undefined if it does not exist. @throws OneoffError for an invalid file. */
export function dockerConfig<T extends object>(world: EndpointWorld): T | undefined {
  const folder = dockerFolder(world.env);
  if (!folder) return undefined;
  // After `sudo -u` or `setpriv`, HOME may be another user's unreadable folder, which is ignored.
  const isClosed = () => !world.env.DOCKER_CONFIG && !world.exists(folder);
  return readJson<T>(world, `${folder}/config.json`, isClosed);
}

/** The context of `docker context use`, with its file. */
export function currentContext(world: EndpointWorld): string | undefined {
  const { currentContext: name } = dockerConfig<{ currentContext?: unknown }>(world) ?? {};
  return typeof name === "string" && name !== "" ? name : undefined;
}

interface Meta {
  readonly Name?: string;
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** The endpoint of a context. @param source the origin of its name. @throws OneoffError for an invalid context. */
export function readContext(name: string, source: string, world: EndpointWorld): Address {
  const folder = dockerFolder(world.env);
  const id = createHash("sha256").update(name).digest("hex");
  const file = `${folder}/contexts/meta/${id}/meta.json`;
  const meta = folder && readJson<Meta>(world, file);
  if (!meta) throw unknownContext(name, source, contextNames(world));
  const { Host, SkipTLSVerify = false } = meta.Endpoints?.docker ?? {};
  if (!Host) throw badDockerFile(file, "it has no engine address");
  return parseHost(Host, `context ${name}`, () =>
    contextTls(`${folder}/contexts/tls/${id}/docker`, SkipTLSVerify, world),
  );
}

/** A context uses TLS if it has TLS files or disables verification. */
function contextTls(folder: string, skip: boolean, { exists }: EndpointWorld): TlsSettings | undefined {
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => {
    const path = `${folder}/${name}`;
    return exists(path) ? path : undefined;
  });
  return ca || cert || key || skip ? { ca, cert, key, verify: !skip } : undefined;
}

/** The sorted names of all contexts, including the default context. */
export function contextNames(world: EndpointWorld): string[] {
  const folder = `${dockerFolder(world.env)}/contexts/meta`;
  const names = foldersIn(folder).flatMap((id) => {
    try {
      return readJson<Meta>(world, `${folder}/${id}/meta.json`)?.Name ?? [];
    } catch {
      // Invalid contexts are skipped.
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

/** @param isClosed whether an unreadable file is treated as absent. @returns undefined if the file does not exist. */
function readJson<T extends object>({ readFile }: EndpointWorld, file: string, isClosed = () => false): T | undefined {
  let text: string;
  try {
    text = Buffer.from(readFile(file)).toString();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || (code === "EACCES" && isClosed())) return undefined;
    throw badDockerFile(file, code === "EACCES" ? "permission denied" : message);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === "object") return parsed as T;
  } catch {
    // Reported below.
  }
  throw badDockerFile(file, "not a JSON object");
}
