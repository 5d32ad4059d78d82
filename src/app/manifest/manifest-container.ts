import { resolve } from "node:path";
import {
  type ContainerSetting,
  type ContainerSettings,
  LISTS,
  SINGLES,
  SWITCHES,
} from "../container/container-settings.ts";
import { profilePathOf } from "../container/values.ts";
import { listOf } from "../schema/collections.ts";
import { truth } from "../schema/scalars.ts";
import { either, type Key, type Keys, mapped, type Shape, scalar } from "../schema/schema.ts";

const COPIED = "as the copied container";

const exampleOf = ({ wanted }: ContainerSetting<unknown>) => / such as (\S+?)(?:,| or |$)/.exec(wanted)?.[1] ?? "";

const shapeOf = ({ parse, wanted }: ContainerSetting<unknown>): Shape<unknown> =>
  scalar({ kinds: ["text", "number"], parse, wanted, expected: "a string", json: { type: ["string", "number"] } });

/** A value, or a list of values. */
const manyOf = (item: Shape<unknown>): Shape<unknown[]> =>
  either(
    mapped(item, (value) => [value]),
    listOf(item, (value) => (typeof value === "string" ? value : JSON.stringify(value))),
  );

/** The path of a seccomp profile is relative to the file. */
const withPath = (item: Shape<unknown>) =>
  mapped(item, (option, _node, _name, { folder }) => {
    const path = profilePathOf(String(option));
    return path === undefined ? option : `seccomp=${resolve(folder, path)}`;
  });

const keysOf = <T>(settings: Readonly<Record<string, T>>, keyOf: (setting: T, name: string) => Key<unknown>) =>
  Object.entries(settings).map(([name, setting]): [string, Key<unknown>] => [name, keyOf(setting, name)]);

/** Keys of `run` with docker's names and syntax, in alphabetical order. */
export const containerKeys: Keys = Object.fromEntries(
  [
    ...keysOf<ContainerSetting<unknown>>(LISTS as Record<string, ContainerSetting<unknown>>, (setting, name) => ({
      shape: manyOf(name === "security-opt" ? withPath(shapeOf(setting)) : shapeOf(setting)),
      about: `${setting.describe}.`,
      examples: [`[${exampleOf(setting)}]`],
    })),
    ...keysOf<ContainerSetting<unknown>>(SINGLES as Record<string, ContainerSetting<unknown>>, (setting) => ({
      shape: shapeOf(setting),
      about: `${setting.describe}.`,
      default: setting.default ?? COPIED,
      examples: [exampleOf(setting)],
    })),
    ...keysOf(SWITCHES, ({ describe }) => ({
      shape: truth,
      about: `${describe}.`,
      default: COPIED,
      examples: ["false"],
    })),
  ].sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** @returns nothing without any of these keys. */
export const toContainer = (values: object): { readonly container?: ContainerSettings } =>
  Object.keys(values).length > 0 ? { container: values as ContainerSettings } : {};
