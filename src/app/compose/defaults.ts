import { isIP } from "node:net";
import { composeProblem } from "../../errors/compose.ts";
import type { Wrong } from "./merge.ts";
import { type Path, PathRules } from "./path-rules.ts";
import { isMap, mapOf, printed, textAt, type Value, type ValueMap } from "./value.ts";

type Rule = (map: ValueMap, path: Path, wrong: Wrong) => ValueMap;

/** Checks values in their long form, and adds defaults. */
export const withDefaults = (map: ValueMap, wrong: Wrong): ValueMap =>
  RULES.rewrite(map, (value, rule, path) => (isMap(value) ? rule(value, path, wrong) : value));

const withDefault =
  (defaults: Readonly<Record<string, Value>>): Rule =>
  (map) =>
    mapOf([...Object.entries(defaults), ...Object.entries(map)]);

const deviceRequest: Rule = (map, path, wrong) => {
  if ("count" in map && "device_ids" in map) wrong(path, composeProblem.exclusive(["count", "device_ids"]));
  return "count" in map || "device_ids" in map ? map : mapOf([["count", "all"], ...Object.entries(map)]);
};

const secret: Rule = (map) => mapOf([["target", `/run/secrets/${printed(map.source ?? "")}`], ...Object.entries(map)]);

const port: Rule = (map, path, wrong) => {
  const address = textAt(map, "host_ip");
  if (address !== undefined && (isIP(address) === 0 || address.includes("%")))
    wrong([...path, "host_ip"], composeProblem.expected("an IP address"));
  return mapOf([["protocol", "tcp"], ["mode", "ingress"], ...Object.entries(map)]);
};

const watch: Rule = (map, path, wrong) =>
  map.path === "" ? wrong([...path, "path"], composeProblem.expected("a path")) : map;

const volume: Rule = (map, path, wrong) => {
  const other = Object.keys(map).find((key) => !/^(name|external|x-.*)$/.test(key));
  if (map.external === true && other !== undefined) wrong([...path, other], composeProblem.external(other));
  return map;
};

const fileObject =
  (...sources: readonly string[]): Rule =>
  (map, path, wrong) => {
    const used = sources.filter((key) => key in map);
    if (used.length > 1) wrong(path, composeProblem.exclusive(used));
    if (used.length === 0 && !("driver" in map) && !("external" in map))
      wrong(path, composeProblem.missing([...sources, "external"]));
    return map;
  };

const RULES = new PathRules<Rule>({
  "services.*.build": withDefault({ context: "." }),
  "services.*.deploy.resources.reservations.devices.*": deviceRequest,
  "services.*.develop.watch.*": watch,
  "services.*.gpus.*": deviceRequest,
  "services.*.ports.*": port,
  "services.*.secrets.*": secret,
  "configs.*": fileObject("file", "environment", "content"),
  "secrets.*": fileObject("file", "environment"),
  "volumes.*": volume,
});
