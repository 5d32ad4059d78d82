import { maskSetting } from "../app/secrets/mask.ts";
import type { HostConfig } from "../engine/types.ts";

/** A container's surroundings for people: log drivers, volume drivers and devices may have secrets among their options. */
export const shownHost = (config: HostConfig): HostConfig => shown(config) as HostConfig;

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === "string" ? maskSetting(name, inner) : shown(inner),
    ]),
  );
}
