import { maskSetting } from "../app/secrets/mask.ts";
import type { HostConfig } from "../engine/types.ts";

/** Masks secrets in a host configuration: options of log drivers, volume drivers and devices may contain some. */
export const maskHost = (config: HostConfig): HostConfig => maskValues(config) as HostConfig;

function maskValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === "string" ? maskSetting(name, inner) : maskValues(inner),
    ]),
  );
}
