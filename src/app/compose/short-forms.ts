import { composeProblem } from "../../errors/compose.ts";
import type { Wrong } from "./merge.ts";
import { mountOf } from "./mount-spec.ts";
import { itemKey, type Path, PathRules } from "./path-rules.ts";
import { portsOf } from "./ports.ts";
import { isMap, mapOf, printed, type Value, type ValueMap } from "./value.ts";

type LongForm = (value: Value, path: Path, wrong: Wrong) => Value;

/** Replaces short forms by long ones. The map has the right types. */
export const withLongForms = (map: ValueMap, wrong: Wrong): ValueMap =>
  LONG_FORMS.rewrite(map, (value, longForm, path) => longForm(value, path, wrong));

const keyOnly =
  (key: string): LongForm =>
  (value) =>
    typeof value === "string" ? mapOf([[key, value]]) : value;

const list: LongForm = (value) => (typeof value === "string" ? [value] : value);

/** Empty items are left out. */
const servers: LongForm = (value) =>
  Array.isArray(value)
    ? value.filter((item) => (item ?? "") !== "")
    : typeof value === "string" && value !== ""
      ? [value]
      : [];

const text: LongForm = (value) => (typeof value === "string" ? value : printed(value));

const names: LongForm = (value) =>
  Array.isArray(value) ? mapOf(value.map((name) => [name as string, null] as const)) : value;

const dependencies: LongForm = (value) => {
  const entries = Array.isArray(value)
    ? value.map((name) => [name as string, mapOf([])] as const)
    : Object.entries(isMap(value) ? value : {});
  return mapOf(
    entries.map(([name, dependency]) => [
      name,
      mapOf([
        ["condition", "service_started"],
        ["required", true],
        ...Object.entries(isMap(dependency) ? dependency : {}),
      ]),
    ]),
  );
};

const pairs: LongForm = (value, path, wrong) => {
  if (!Array.isArray(value)) return value;
  return mapOf(
    value.map((item, index) => {
      const [, key = "", rest = ""] =
        /^([^=]*)=(.*)$/s.exec(item as string) ?? wrong([...path, itemKey(index)], composeProblem.pair());
      return [key, rest] as const;
    }),
  );
};

const keys: LongForm = (value, path, wrong) => {
  if (!Array.isArray(value)) return value;
  return mapOf(
    value.map((item, index) => {
      const [, id = "", file] = /^([^=]*)(?:=(.*))?$/s.exec(item as string) ?? [];
      if (file === undefined && id !== "default") wrong([...path, itemKey(index)], composeProblem.pair());
      return [id, file ?? null] as const;
    }),
  );
};

const envFiles: LongForm = (value) =>
  [value].flat().map((item) => mapOf([["required", true], ...Object.entries(isMap(item) ? item : { path: item })]));

const gpus: LongForm = (value) => (typeof value === "string" ? [mapOf([["count", "all"]])] : value);

const mount: LongForm = (value, path, wrong) =>
  typeof value === "string" ? (mountOf(value) ?? wrong(path, composeProblem.mount())) : value;

const device: LongForm = (value, path, wrong) => {
  if (typeof value !== "string") return value;
  const [source = "", target, permissions = "rwm", ...rest] = value.split(":");
  if (rest.length > 0) wrong(path, composeProblem.device());
  return mapOf([
    ["source", source],
    ["target", target || source],
    ["permissions", permissions],
  ]);
};

const ports: LongForm = (value, path, wrong) => {
  if (!Array.isArray(value)) return value;
  return value.flatMap((item, index) => {
    if (isMap(item)) return [item];
    const text = typeof item === "string" ? item : typeof item === "bigint" ? String(item) : "";
    return portsOf(text) ?? wrong([...path, itemKey(index)], composeProblem.port());
  });
};

/** The former form `external: {name: NAME}`. */
const external: LongForm = (value, path, wrong) => {
  if (!isMap(value) || !isMap(value.external)) return value;
  const { name } = value.external;
  if (name !== undefined && value.name !== undefined && name !== value.name) wrong(path, composeProblem.externalName());
  return mapOf([
    ...Object.entries(value),
    ["external", true],
    ...(name === undefined ? [] : [["name", name] as const]),
  ]);
};

const LONG_FORMS = new PathRules<LongForm>({
  "services.*.build": keyOnly("context"),
  "services.*.build.additional_contexts": pairs,
  "services.*.build.provenance": text,
  "services.*.build.sbom": text,
  "services.*.build.secrets.*": keyOnly("source"),
  "services.*.build.ssh": keys,
  "services.*.configs.*": keyOnly("source"),
  "services.*.depends_on": dependencies,
  "services.*.develop.watch.*.ignore": list,
  "services.*.develop.watch.*.include": list,
  "services.*.devices.*": device,
  "services.*.dns": servers,
  "services.*.env_file": envFiles,
  "services.*.extends": keyOnly("service"),
  "services.*.gpus": gpus,
  "services.*.label_file": list,
  "services.*.models": names,
  "services.*.networks": names,
  "services.*.ports": ports,
  "services.*.secrets.*": keyOnly("source"),
  "services.*.volumes.*": mount,
  "volumes.*": external,
  "networks.*": external,
  "secrets.*": external,
  "configs.*": external,
});
