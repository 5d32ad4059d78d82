import { dockerFolder, type EndpointWorld } from "./contexts.ts";
import type { TlsSettings } from "./endpoint.ts";

/**
 * TLS of an address without a context: `DOCKER_TLS_VERIFY`, or `DOCKER_TLS` without
 * verification, with the files of `DOCKER_CERT_PATH` or docker's folder. Any value enables it, as in docker.
 */
export function environmentTls({ env, exists }: EndpointWorld): TlsSettings | undefined {
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  if (!verify && !env.DOCKER_TLS) return undefined;
  const folder = env.DOCKER_CERT_PATH || dockerFolder(env);
  const there = (name: string) => (exists(`${folder}/${name}`) ? `${folder}/${name}` : undefined);
  return { ca: verify ? `${folder}/ca.pem` : undefined, cert: there("cert.pem"), key: there("key.pem"), verify };
}
