import {
  type ContainerSetting,
  type ContainerSettings,
  LISTS,
  OPTION_LISTS,
  OPTION_SINGLES,
  SINGLES,
  SWITCHES,
} from "../../app/container/container-settings.ts";
import { badOptionValue } from "../../errors/app.ts";
import type { Flags } from "../command.ts";
import type { OptionShape } from "../shapes.ts";

export const CONTAINER = "Container options, as docker run has them:";

const ALL_LISTS = { ...LISTS, ...OPTION_LISTS };
const ALL_SINGLES = { ...SINGLES, ...OPTION_SINGLES };

type Shape<Fixed> = Fixed & Omit<OptionShape, "type" | "many">;
type ContainerOptions = { readonly [Name in keyof typeof ALL_LISTS]: Shape<{ type: "string"; many: true }> } & {
  readonly [Name in keyof typeof ALL_SINGLES]: Shape<{ type: "string" }>;
} & { readonly [Name in keyof typeof SWITCHES]: Shape<{ type: "boolean" }> };

const SETTINGS: Readonly<Record<string, ContainerSetting<unknown>>> = { ...ALL_LISTS, ...ALL_SINGLES };

const mapValues = <T, U>(object: Readonly<Record<string, T>>, convert: (value: T) => U) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, convert(value)]));

const shapeOf = ({ parse: _, wanted: _wanted, default: _default, ...shape }: ContainerSetting<unknown>) => ({
  ...shape,
  type: "string",
  group: CONTAINER,
});

/** Options in the order of help. */
export const byName = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))) as T;

/** The options of `run` that set what docker's options of the same names set. */
export const containerOptions = {
  ...mapValues(SETTINGS, shapeOf),
  ...mapValues<ContainerSetting<unknown>, object>(ALL_LISTS, (setting) => ({ ...shapeOf(setting), many: true })),
  ...mapValues(SWITCHES, (shape) => ({ ...shape, type: "boolean", group: CONTAINER })),
} as unknown as ContainerOptions;

/** As with docker, an empty value sets nothing, besides a size. @throws OneoffError for the first invalid value. */
export function toContainerSettings(flags: Flags<ContainerOptions>): ContainerSettings {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flags)) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (setting && value !== undefined && (value !== "" || name === "shm-size")) {
      const values = [value].flat().map((text) => parse(name, setting, String(text)));
      settings[name] = Object.hasOwn(ALL_LISTS, name) ? values : values[0];
    } else if (Object.hasOwn(SWITCHES, name)) settings[name] = value;
  }
  return settings;
}

function parse(name: string, { parse, wanted }: ContainerSetting<unknown>, text: string): unknown {
  const value = parse(text);
  if (value === undefined) throw badOptionValue(`--${name}`, text, wanted);
  return value;
}
