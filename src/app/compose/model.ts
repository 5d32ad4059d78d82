import { posix } from "node:path";
import { badComposeFile, composeProblem } from "../../errors/compose.ts";
import { fileProblem } from "../../errors/manifest.ts";
import type { Inherited } from "../env.ts";
import { withAbsolutePaths } from "./absolute-paths.ts";
import { withContents } from "./contents.ts";
import { withDefaults } from "./defaults.ts";
import { defaultEnvFile, readDotEnv } from "./dot-env.ts";
import { type ServiceSource, withExtends } from "./extends.ts";
import { type Include, readIncludes, withImported } from "./include.ts";
import { interpolate } from "./interpolation.ts";
import type { Loading } from "./loading.ts";
import { mergeMaps, type Wrong } from "./merge.ts";
import { type Path, pathText } from "./path-rules.ts";
import { project as projectShape } from "./project-shape.ts";
import { withoutResets } from "./resets.ts";
import { withLongForms } from "./short-forms.ts";
import type { ComposeDocument } from "./source-file.ts";
import { withoutRepeated } from "./unique.ts";
import { isMap, mapOf, type ValueMap } from "./value.ts";

/** Bounds the depth of "extends" and "depends_on". */
const MAX_SERVICES = 1000;

/** A project, or a project that another one includes. */
export interface Scope {
  /** Base of relative paths. */
  readonly folder: string;
  readonly environment: Inherited;
  /** Files that include each other up to this one. */
  readonly included: readonly string[];
}

/** Merges files in their long forms, with absolute paths. @throws `bad-compose` for the first mistake. */
export function loadModel(files: readonly string[], scope: Scope, loading: Loading): ValueMap {
  const { environment, folder } = scope;
  const documents: ComposeDocument[] = [];
  const wrong = wrongIn(documents);
  const wrongNow = (): Wrong => wrongIn(documents.slice(-1));
  const bases = new Map<string, ServiceSource>();
  const open = (name: string) => {
    const path = posix.resolve(folder, name);
    const base = bases.get(path) ?? openBase(path, scope, loading);
    bases.set(path, base);
    return base;
  };
  let model: ValueMap = mapOf([]);
  for (const file of files) {
    for (const document of loading.read(file)) {
      documents.push(document);
      const own = interpolated(document, environment, loading);
      const { resets } = document;
      const source: ServiceSource = {
        file,
        services: servicesOf(own, wrongNow()),
        resets,
        wrong: wrongNow(),
        extended: new Map(),
      };
      const extended =
        "services" in own ? mapOf([...Object.entries(own), ["services", withExtends(source, open)]]) : own;
      const whole = withIncludes(extended, { ...scope, included: [...scope.included, file] }, loading, wrongNow());
      model = longForm(mergeMaps(withoutResets(model, resets), whole, [], wrongNow()), wrong, true);
    }
  }
  if (Object.keys(model).length === 0) throw badComposeFile(files.at(0) ?? "", composeProblem.empty());
  const folders = { folder, home: environment.HOME };
  const whole = withAbsolutePaths(withDefaults(model, wrong), folders, wrong);
  return withContents(whole, loading.keepsVariables ? {} : environment);
}

function servicesOf(map: ValueMap, wrong: Wrong): ValueMap {
  const { services = mapOf([]) } = map;
  if (!isMap(services)) return wrong(["services"], composeProblem.expected("a map"));
  return Object.keys(services).length > MAX_SERVICES
    ? wrong(["services"], composeProblem.tooMany(MAX_SERVICES))
    : services;
}

function interpolated(document: ComposeDocument, variables: Inherited, loading: Loading): ValueMap {
  const wrong = wrongIn([document]);
  const { value } = document;
  if (!isMap(value))
    return wrong([], fileProblem.kind("", "a map", Array.isArray(value) ? "a list" : "a single value"));
  const unset = (path: Path, variable: string) => loading.unset(document.where(path), variable);
  const { room, keepsVariables } = loading;
  return interpolate(value, [], { variables, room, keepsVariables, unset, wrong }) as ValueMap;
}

/** Checks the types, unless the file is only the base of a service. */
function longForm(map: ValueMap, wrong: Wrong, isChecked: boolean): ValueMap {
  const distinct = withoutRepeated(map, wrong);
  if (isChecked) projectShape.check(distinct, [], wrong);
  const { version: _, ...rest } = distinct;
  return withoutRepeated(withLongForms(mapOf(Object.entries(rest)), wrong), wrong);
}

/** Reads the file of an extended service, whose relative paths belong to its own folder. */
function openBase(file: string, { environment }: Scope, loading: Loading): ServiceSource {
  let model: ValueMap = mapOf([]);
  let resets: readonly Path[] = [];
  const documents = loading.read(file);
  const wrong = wrongIn(documents);
  for (const document of documents) {
    resets = document.resets;
    const own = interpolated(document, environment, loading);
    model = longForm(mergeMaps(withoutResets(model, resets), own, [], wrong), wrong, false);
  }
  const folders = { folder: posix.dirname(file), home: environment.HOME };
  return {
    file,
    services: servicesOf(withAbsolutePaths(model, folders, wrong), wrong),
    resets,
    wrong,
    extended: new Map(),
  };
}

function withIncludes(map: ValueMap, scope: Scope, loading: Loading, wrong: Wrong): ValueMap {
  const { include, ...own } = map;
  let model = mapOf(Object.entries(own));
  for (const one of readIncludes(include, wrong))
    model = withImported(model, included(one, scope, loading, wrong), wrong);
  return model;
}

function included(include: Include, scope: Scope, loading: Loading, wrong: Wrong): ValueMap {
  const files = include.paths.map((path) => posix.resolve(scope.folder, path));
  const [main = ""] = files;
  if (scope.included.includes(main)) wrong(["include"], composeProblem.cycle([...scope.included, main]));
  const folder = include.folder === undefined ? posix.dirname(main) : posix.resolve(scope.folder, include.folder);
  const envFiles = include.envFiles.map((file) => posix.resolve(scope.folder, file));
  const own = envFiles.length > 0 ? envFiles : defaultEnvFile(folder, loading.files);
  const environment = { ...readDotEnv(own, scope.environment, loading), ...scope.environment };
  return loadModel(files, { folder, environment, included: scope.included }, loading);
}

/** Reports a mistake in the last document that has the value, or the nearest one above it. */
export const wrongIn =
  (documents: readonly ComposeDocument[]): Wrong =>
  (path, problem) => {
    const [nearest] = documents.toReversed().sort((a, b) => b.depth(path) - a.depth(path));
    throw badComposeFile(nearest?.where(path) ?? "", problem, pathText(path));
  };
