import { type Reason, reach } from "../../errors/connection.ts";
import type { TcpAddress } from "./endpoint.ts";

/** @returns undefined for errors that are not about TLS. */
export function tlsFailure({ host, port, tls }: TcpAddress, error: NodeJS.ErrnoException): Reason | undefined {
  const { code = "" } = error;
  if (!tls) return undefined;
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE)$/.test(code)) {
    return reach.plainThere(`${host}:${port}`);
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return reach.wrongName(host, namesOf(error));
  if (code === "CERT_HAS_EXPIRED") return reach.expired();
  if (code === "CERT_NOT_YET_VALID") return reach.notYetValid();
  if (/^(DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|CERT_|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/.test(code)) {
    return reach.untrusted(tls.ca);
  }
  if (/ALERT/.test(code)) {
    return tls.cert ? reach.certificateRefused(tls.cert) : reach.certificateWanted();
  }
  return undefined;
}

/** The names of the certificate. */
function namesOf(error: Error & { readonly cert?: { subjectaltname?: string; subject?: { CN?: string } } }): string {
  const { subjectaltname, subject } = error.cert ?? {};
  return subjectaltname ?? subject?.CN ?? "nobody";
}
