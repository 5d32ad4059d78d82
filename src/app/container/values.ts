import { isIP } from "node:net";

const address = (text: string) => (isIP(text) !== 0 && !text.includes("%") ? text : undefined);

/** An IP address; undefined for anything else. */
export const addressOf = (text: string) => address(text.trim());

/** Parses docker's `HOST:ADDRESS` or `HOST=ADDRESS` to `HOST:ADDRESS`; undefined for anything else. */
export function hostEntryOf(text: string): string | undefined {
  const separator = text.includes("=") ? "=" : ":";
  const [host = "", ...rest] = text.split(separator);
  const ip = rest.join(separator).replace(/^\[(.+)\]$/, "$1");
  if (host === "" || host.includes(":") || (ip !== "host-gateway" && address(ip) === undefined)) return undefined;
  return `${host}:${ip}`;
}

/** Normalizes the name of a capability: `net_admin` is `CAP_NET_ADMIN`; undefined if it is no name. */
export function capabilityOf(text: string): string | undefined {
  const name = text.trim().toUpperCase();
  if (!/^[A-Z_]+$/.test(name)) return undefined;
  return name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`;
}

/** A limit of the kernel, with docker's names. */
export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

const ULIMITS = /^(?:core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$/;

/** Parses docker's `NAME=SOFT[:HARD]`, with -1 for no limit; undefined for anything else. */
export function ulimitOf(text: string): Ulimit | undefined {
  const [, Name = "", soft, hard = soft] = /^(\w+)=(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(text) ?? [];
  const [Soft, Hard] = [Number(soft), Number(hard)];
  if (!ULIMITS.test(Name) || (Hard !== -1 && (Soft === -1 || Soft > Hard))) return undefined;
  return { Name, Soft, Hard };
}

/** Parses docker's `KEY=VALUE`, `KEY:VALUE` or `no-new-privileges`; undefined for anything else. */
export const securityOptOf = (text: string) =>
  /^(?:no-new-privileges(?:[=:].*)?|[^=:]+[=:].+)$/.test(text) ? text : undefined;

/** The path of the profile that a security option names. */
export const profilePathOf = (option: string) => /^seccomp[=:](?!(?:unconfined|builtin)$)(.+)$/s.exec(option)?.[1];

/** `TARGET[:OPTIONS]` with an absolute target; undefined for anything else. */
export const tmpfsOf = (text: string) => (text.startsWith("/") ? text : undefined);

export const ipcOf = (text: string) => (/^(?:none|private|shareable|host|container:.+)$/.test(text) ? text : undefined);

/** At most 64 characters, as the kernel requires. */
export const hostnameOf = (text: string) => (/^[A-Za-z0-9_](?:[\w.-]{0,63})$/.test(text) ? text : undefined);

/** `OS[/ARCHITECTURE[/VARIANT]]`; the engine checks the names. */
export const platformOf = (text: string) => (/^[\w-]+(?:\/[\w.-]+){0,2}$/.test(text) ? text : undefined);

export const logOptOf = (text: string): readonly [name: string, value: string] | undefined =>
  /^[^=]/.test(text) ? [text.split("=", 1)[0] ?? "", text.replace(/^[^=]*=?/, "")] : undefined;

/** Text without white space. */
export const wordOf = (text: string) => (/^[^\s\0]+$/.test(text) ? text : undefined);
