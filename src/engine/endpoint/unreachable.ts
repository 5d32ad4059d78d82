import { statSync } from "node:fs";
import { type Reason, reach, unreachableEngine } from "../../errors/connection.ts";
import { OneoffError } from "../../errors/error.ts";
import { readWhole } from "../../streams/read-whole.ts";
import { type Address, placeOf } from "./endpoint.ts";
import { tlsFailure } from "./tls-failure.ts";

/** The error of a failed or lost connection. */
export function unreachable(address: Address, cause: unknown): OneoffError {
  if (cause instanceof OneoffError) return cause;
  return unreachableEngine(placeOf(address), because(address, cause as NodeJS.ErrnoException), cause);
}

function because(address: Address, error: NodeJS.ErrnoException): Reason {
  const { code = "", message, name } = error;
  if (name === "HTTPParserError") return ofWords(String((error as { data?: unknown }).data ?? ""));
  if (code === "UND_ERR_BODY_TIMEOUT") return reach.stalled();
  if (["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code)) return ofClosed(address);
  if ("socketPath" in address) return ofSocket(address.socketPath, code) ?? [message];
  if ("sshHost" in address) return [message];
  return ofPort(code) ?? tlsFailure(address, error) ?? [message];
}

function ofClosed(address: Address): Reason {
  if (!("basePath" in address)) return reach.closed();
  return address.tls ? reach.closedTls() : reach.closedPort();
}

/** @param words the received bytes that are no HTTP. */
const ofWords = (words: string): Reason =>
  /^[\x15\x16]\x03/.test(words) ? reach.tlsThere() : reach.noHttp(words.split(/[\r\n]/)[0] ?? "");

function ofSocket(path: string, code: string): Reason | undefined {
  switch (code) {
    case "ENOENT":
      return reach.noSocket();
    case "EACCES":
    case "EPERM":
      return reach.denied(groupOf(path));
    case "ECONNREFUSED":
    case "ENOTSOCK":
      return isSocket(path) ? reach.nobodyListens() : reach.noSocketButFile();
    case "EAGAIN":
      return reach.crowded();
    default:
      return undefined;
  }
}

function ofPort(code: string): Reason | undefined {
  switch (code) {
    case "ECONNREFUSED":
      return reach.portRefused();
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return reach.unknownHost();
    case "ETIMEDOUT":
      return reach.timedOut();
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return reach.noRoute();
    default:
      return undefined;
  }
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return true;
  }
}

/** The group of a socket: its name, or its number without a name; undefined without group access. */
function groupOf(path: string): string | undefined {
  try {
    const { gid, mode } = statSync(path);
    if ((mode & 0o020) === 0 || gid === 0) return undefined;
    const named = readWhole("/etc/group")
      .toString()
      .split("\n")
      .map((line) => line.split(":"))
      .find(([, , id]) => id === String(gid));
    return named?.[0] ?? String(gid);
  } catch {
    return undefined;
  }
}
