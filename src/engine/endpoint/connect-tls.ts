import { isIP, type NetConnectOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { badDockerFile } from "../../errors/engine.ts";
import { readWhole } from "../../streams/read-whole.ts";
import type { TlsSettings } from "./endpoint.ts";

/**
 * Starts a TLS connection. The engine is verified before anything is sent, unless `verify` is false.
 * @throws OneoffError for unusable files.
 */
export function connectTls({ ca, cert, key, verify }: TlsSettings, how: NetConnectOpts): Socket {
  // Loaded lazily because of its load time.
  const { connect } = process.getBuiltinModule("node:tls");
  const { host = "" } = how as TcpNetConnectOpts;
  const files = [
    ["ca", ca],
    ["cert", cert],
    ["key", key],
  ] as const;
  try {
    return connect({
      ...how,
      ...Object.fromEntries(files.map(([name, file]) => [name, file && read(file)])),
      rejectUnauthorized: verify,
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: ["http/1.1"],
    } as ConnectionOptions);
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith("ERR_OSSL")) throw error;
    throw badDockerFile(files.flatMap(([, file]) => file ?? []).join(", "), (error as Error).message);
  }
}

function read(file: string): Buffer {
  try {
    return readWhole(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "no such file" : code === "EACCES" ? "permission denied" : message;
    throw badDockerFile(file, why);
  }
}
