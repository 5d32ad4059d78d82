import { OneoffError } from "../errors/error.ts";

/** Credentials for a registry: a password or a token. */
export type Credential = { readonly username: string; readonly password: string } | { readonly identitytoken: string };

/**
 * Called only for a pull, because a credential helper may be slow.
 * @param server the result of `serverOf`. @throws OneoffError if configured credentials cannot be read.
 */
export type Credentials = (server: string) => Promise<Credential | undefined>;

/** The key of docker.io in credential stores. */
export const HUB = "https://index.docker.io/v1/";

/** The registry of an image: `localhost:5000`, or `HUB`. */
export function serverOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isServer = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isServer && !/^(index\.|registry-1\.)?docker\.io$/.test(first) ? first : HUB;
}

/** The header `X-Registry-Auth`; older engines require base64 padding. */
export const registryAuth = (server: string, credential: Credential): string =>
  Buffer.from(JSON.stringify({ ...credential, serveraddress: server }))
    .toString("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");

export interface RegistryAuth {
  readonly server: string;
  /** The header `X-Registry-Auth`; undefined without credentials. */
  readonly header: string | undefined;
  /** Why configured credentials cannot be used. */
  readonly without: OneoffError | undefined;
}

/** The credentials for the registry of an image. */
export async function authFor(image: string, credentials: Credentials | undefined): Promise<RegistryAuth> {
  const server = serverOf(image);
  try {
    const credential = await credentials?.(server);
    return { server, header: credential && registryAuth(server, credential), without: undefined };
  } catch (error) {
    if (!(error instanceof OneoffError)) throw error;
    return { server, header: undefined, without: error };
  }
}
