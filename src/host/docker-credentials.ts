import { dockerConfig, type EndpointWorld } from "../engine/endpoint/contexts.ts";
import { type Credential, type Credentials, HUB } from "../engine/registry.ts";
import { badAuthConfig } from "../errors/host.ts";

/** The keys of docker's configuration about registries. */
export interface RegistryConfig {
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
  readonly auths?: Readonly<Record<string, Auth>>;
}

/** `auth` is `user:password` in base 64. */
interface Auth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/**
 * Credentials in docker's order: DOCKER_AUTH_CONFIG, then from its configuration the helper of the registry,
 * the default helper, and stored credentials.
 */
export const dockerCredentials =
  (
    world: EndpointWorld,
    askProgram: (helper: string, server: string) => Promise<Credential | undefined>,
  ): Credentials =>
  async (server) => {
    const given = credentialIn(authsOf(world.env.DOCKER_AUTH_CONFIG), server);
    if (given) return given;
    const { credHelpers, credsStore, auths } = dockerConfig<RegistryConfig>(world) ?? {};
    const helper = of(server, credHelpers) ?? credsStore;
    return helper ? await askProgram(helper, server) : credentialIn(auths, server);
  };

function authsOf(text: string | undefined): RegistryConfig["auths"] {
  if (!text) return {};
  try {
    const { auths } = JSON.parse(text) as RegistryConfig;
    return auths;
  } catch {
    throw badAuthConfig();
  }
}

function credentialIn(auths: RegistryConfig["auths"], server: string): Credential | undefined {
  const { auth = "", username, password, identitytoken } = of(server, auths) ?? {};
  if (identitytoken) return { identitytoken };
  if (username && password !== undefined) return { username, password };
  const pair = Buffer.from(String(auth), "base64").toString();
  const colon = pair.indexOf(":");
  // Some older clients padded it with zeros.
  return colon < 0
    ? undefined
    : { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
}

/** Matches the exact key, else an equivalent: older clients wrote `https://host/v1/`, also for docker.io. */
function of<T>(server: string, entries: Readonly<Record<string, T>> = {}): T | undefined {
  if (Object.hasOwn(entries, server)) return entries[server];
  const hosts = server === HUB ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [server];
  return Object.entries(entries).find(([name]) => hosts.includes(hostOf(name)))?.[1];
}

const hostOf = (name: string) => name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
