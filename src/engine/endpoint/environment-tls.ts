import { dockerFolder, type EndpointWorld } from "./contexts.ts";
import type { TlsSettings } from "./endpoint.ts";

/**
 * How TLS is spoken where the address is all that is known: as `DOCKER_TLS_VERIFY` says, or `DOCKER_TLS`, which verifies
 * nothing; with the files of `DOCKER_CERT_PATH`, or of docker's own folder. Any value counts, as it does for docker.
 */
export function environmentTls({ env, exists }: EndpointWorld): TlsSettings | undefined {
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  if (!verify && !env.DOCKER_TLS) return undefined;
  const folder = env.DOCKER_CERT_PATH || dockerFolder(env);
  const there = (name: string) => (exists(`${folder}/${name}`) ? `${folder}/${name}` : undefined);
  return { ca: verify ? `${folder}/ca.pem` : undefined, cert: there("cert.pem"), key: there("key.pem"), verify };
}
