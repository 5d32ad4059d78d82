import { anyOf, plain, quoted } from "../text/quoted.ts";
import { usage } from "./error.ts";

/** @param where `compose.yaml:3:5` @param path e.g. `services.web.ports`; empty for the whole file. */
export const badComposeFile = (where: string, problem: string, path = "") =>
  usage(
    "bad-compose",
    `${where}: ${path && `${plain(path)}: `}${problem}`,
    "fix the file; docker compose config prints how Docker Compose reads it",
  );

export const composeTooLarge = (file: string, bytes: number, most: number) =>
  badComposeFile(file, `the file has ${bytes} bytes; the maximum is ${most}`);

export const composeTooManyFiles = (file: string, most: number) =>
  badComposeFile(file, `the project has too many files; the maximum is ${most}`);

export const composeRemote = (file: string) =>
  badComposeFile(file, "oneoff does not download Compose files; copy it to this machine");

/** @param source the option or the variable. */
export const badComposeSetting = (source: string, value: string, expected: string) =>
  usage("bad-compose", `Invalid ${source} ${quoted(value)}: expected ${expected}`, `set ${source} to another value`);

/** @param variable e.g. `COMPOSE_FILE`. @param value names the file, and those that are read with it. */
export const untrustedCompose = (file: string, why: string, variable: string, value: string) =>
  usage(
    "untrusted-manifest",
    `Refused to read ${quoted(file)}: ${why}`,
    `if you trust the file: export ${variable}=${plain(value)}`,
  );

export const noComposeService = (name: string, file: string, known: readonly string[]) =>
  usage(
    "bad-compose",
    `No such service ${quoted(name)} in ${plain(file)}; expected ${anyOf(known)}`,
    "docker compose config --services",
  );

/** Problems at one place of a Compose file. None of them prints the value of a variable: it may be a secret. */
export const composeProblem = {
  twiceInMap: (name: string) => `${quoted(name)} is in the map twice`,
  empty: () => "the file is empty",
  timestamp: () => "expected a string, found a date; put it in quotes",
  merge: () => 'expected a map, or a list of maps, after "<<"',
  mergeKinds: () => "the value cannot override a value of another kind",
  texts: () => "expected strings",
  pair: () => "expected key=value",
  mount: () => "expected SOURCE:TARGET[:OPTIONS]",
  device: () => "expected PATH[:TARGET[:PERMISSIONS]]",
  port: () => "expected [[IP:]PUBLISHED:]TARGET[/PROTOCOL]",
  host: () => "expected HOST=ADDRESS",
  spacedName: () => "expected no white space before the =",
  commandLine: () => "expected a command line, found an open quote or parenthesis",
  externalName: () => '"name" and "external.name" are different',
  exclusive: (keys: readonly string[]) => `${keys.map(quoted).join(" and ")} cannot be used together`,
  external: (key: string) => `${quoted(key)} cannot be used together with "external"`,
  noService: (name: string, file: string | undefined) =>
    `no such service ${quoted(name)}${file ? ` in ${quoted(file)}` : ""}`,
  undeclared: (name: string, kind: string) => `${quoted(name)} is not declared in "${kind}"`,
  cycle: (names: readonly string[]) => `cycle: ${names.map(quoted).join(" → ")}`,
  imported: (name: string) => `${quoted(name)} differs from the included one`,
  repeated: () => "the item is in the list twice",
  expected: (expected: string) => `expected ${expected}`,
  missing: (keys: readonly string[]) => `expected the key ${anyOf(keys)}`,
  unknownKey: (key: string, near: string | undefined) =>
    `unknown key ${quoted(key)}; ${near ? `did you mean "${near}"?` : 'keys of your own begin with "x-"'}`,
  disabled: (name: string) => `the service ${quoted(name)} is disabled by its profiles`,
  format: (name: string) => `unknown format ${quoted(name)}; expected "raw"`,
  tooMany: (most: number) => `more than ${most} services`,
  name: (name: string) => `invalid name ${quoted(name)}; expected letters, digits, ".", "_" and "-"`,
  distinct: (key: string, other: string) => `${quoted(key)} and ${quoted(other)} have different values`,
  sameTarget: (target: string) => `two mounts have the target ${quoted(target)}`,
  sameName: (name: string) => `another service has the container name ${quoted(name)}`,
  projectName: () => "the name of the project has no letter or digit",
};
