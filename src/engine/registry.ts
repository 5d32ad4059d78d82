/** Who we are to a registry: by a password, or by a token that stands for one. */
export type Credential = { readonly username: string; readonly password: string } | { readonly identitytoken: string };

/**
 * Asked only when something is really pulled: it may take a program of somebody's, and its time.
 * @param server as `serverOf` has it. @throws OneoffError why there are none where there should be some.
 */
export type Credentials = (server: string) => Promise<Credential | undefined>;

/** What everybody calls docker.io by when it is about credentials. */
export const HUB = "https://index.docker.io/v1/";

/** The registry that an image is pulled from: `localhost:5000`, or `HUB`. */
export function serverOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isServer = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isServer && !/^(index\.|registry-1\.)?docker\.io$/.test(first) ? first : HUB;
}

/** The header `X-Registry-Auth`: older engines want what fills it up to whole groups of four. */
export const registryAuth = (server: string, credential: Credential): string =>
  Buffer.from(JSON.stringify({ ...credential, serveraddress: server }))
    .toString("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");
