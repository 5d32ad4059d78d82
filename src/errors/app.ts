import { anyOf, plain, quoted } from "../text/quoted.ts";
import { helpOf, usage } from "./error.ts";
import { mistake } from "./manifest.ts";

// Procfile

const AS_IN_PROCFILE = 'write it as in "web: ./serve --port $PORT"';

/** @param where `Procfile:3`, or the file alone. */
export const badProcfile = (where: string, problem: string, next: string) =>
  usage("bad-procfile", `${where}: ${problem}`, next);

export const procfileBadLine = (where: string, line: string, continued: boolean) =>
  badProcfile(
    where,
    `expected "name: command", found ${quoted(line)}`,
    continued ? 'put the command on one line: a "\\" at its end does not continue it' : AS_IN_PROCFILE,
  );

export const procfileConflict = (where: string, line: string) =>
  badProcfile(where, `expected "name: command", found the conflict marker ${quoted(line)}`, "finish the merge first");

export const procfileLineTooLong = (where: string, bytes: number, most: number) =>
  badProcfile(where, `the line has ${bytes} bytes, more than the ${most} allowed`, "put the command into a script");

export const procfileNameTooLong = (where: string, name: string, most: number) =>
  badProcfile(
    where,
    `the process type ${quoted(name)} has ${name.length} characters, more than the ${most} allowed`,
    "choose a shorter name",
  );

/** @param line where the name stands first. */
export const procfileTwice = (where: string, name: string, line: number) =>
  badProcfile(
    where,
    `${quoted(name)} is already on line ${line}; expected each process type once`,
    "rename it, or leave one of them out",
  );

export const procfileNoCommand = (where: string, name: string, comment: boolean) =>
  badProcfile(
    where,
    `expected a command after "${name}:", found ${comment ? "only a comment" : "nothing"}`,
    AS_IN_PROCFILE,
  );

export const procfileEmpty = (file: string) =>
  badProcfile(file, 'expected at least one "name: command" line, found none', AS_IN_PROCFILE);

// text files

/** @param found what is wrong with it, as a noun. */
export const notText = (where: string, found: string) =>
  usage("not-text", `${where}: expected text in UTF-8, found ${found}`, "save the file as UTF-8");

// env: never a value, and no line as a whole

/** @param where `.env:3`, or `--env`. */
export const envNoName = (where: string) =>
  usage("bad-env", `${where}: expected NAME=VALUE or NAME, found no name`, "put a name before the =, or leave it out");

/** A warning. */
export const severalVariables = (name: string) =>
  `--env ${name}: all after the "=" is its value, what is behind a ";" too; several are set by: -e ${name}=… -e NAME=…`;

/** @param plain what stands before the `=`, where it is surely a name. */
export const envNameSpaced = (where: string, plain?: { name: string; exported: boolean }) => {
  if (plain?.exported)
    return usage("bad-env", `${where}: expected "${plain.name}=", found "export" before it`, 'leave "export" out');
  const found = plain ? `white space after "${plain.name}"` : "white space in the name";
  return usage(
    "bad-env",
    `${where}: expected NAME=VALUE or NAME, found ${found}`,
    "leave the white space out; a value may have any, but no line break in a file",
  );
};

/** Of an env file that is read as Compose does. @param problem shows no value. */
export const badEnvSyntax = (where: string, problem: string) =>
  usage("bad-env", `${where}: ${problem}`, "write NAME=VALUE, and a value with a quote, a # or a $ in single quotes");

/** A warning. */
export const quotedEnvValue = (name: string) =>
  `--env-file: the quotes around the value of ${plain(name)} are part of it, as for docker; an env-file in oneoff.yaml is read as Compose reads it`;

/** A warning. */
export const unsetVariable = (file: string, name: string) =>
  `${plain(file)}: variable ${plain(name)} is not set, and is taken as empty`;

// app.json, and what is set of an app

/** @param mistakes one line each, with its place in front. */
export const badAppJson = (mistakes: string[]) => usage("bad-app-json", mistakes, "oneoff help deploy");

export const appJsonTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-app-json", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`, "oneoff help deploy");

/** @param mistakes one line each, with its place in front. */
export const badProperties = (mistakes: string[]) =>
  usage("bad-properties", mistakes, "mend the file, or move it away: nothing is set then");

export const badAppJsonPath = (given: string) =>
  usage(
    "bad-appjson-path",
    `appjson-path: ${mistake.appJsonPath(given)}`,
    "oneoff app-json:set my-app appjson-path deploy/app.json",
  );

export const unknownProperty = (name: string, near: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-property",
    `Unknown property ${quoted(name)}; ${near ? `did you mean "${near}"?` : `expected ${anyOf(known)}`}`,
    helpOf("app-json:set"),
  );

export const noProperty = (known: readonly string[]) =>
  usage("no-property", `Expected a property: ${anyOf(known)}`, helpOf("app-json:set"));

/** @param property what stands where the app should. */
export const noPropertyApp = (property: string) =>
  usage(
    "no-app",
    `Expected an app, or --global, before ${quoted(property)}`,
    `oneoff app-json:set my-app ${plain(property)} …`,
  );

// a oneoff.yaml to begin with

/** @param where `compose.yaml:3:5` */
export const badCompose = (where: string, problem: string) =>
  usage("bad-compose", `${where}: ${problem}`, "mend it, then: oneoff init");

export const manifestExists = (file: string) =>
  usage("manifest-exists", `${plain(file)} is there already, and is never written over`, "oneoff init --print");

// what a one-off is asked for

/** @param expected with an example of it: "a number such as 3". */
export const badQuantity = (option: string, text: string, expected: string) =>
  usage(
    "bad-quantity",
    `${option}: expected ${expected}, found ${quoted(text)}`,
    `${option} ${/such as ([^\s,]+)/.exec(expected)?.[1]}`,
  );

export const badVolume = (text: string) =>
  usage(
    "bad-volume",
    `--volume: expected SOURCE:TARGET[:OPTIONS] with an absolute target, found ${quoted(text)}`,
    "--volume ./data:/data:ro",
  );

export const badMount = (text: string, problem: string) =>
  usage(
    "bad-mount",
    `--mount ${quoted(text)}: ${problem}`,
    "--mount type=bind,source=/host/path,target=/path,readonly",
  );

/** @param next where more is known of what was meant. */
export const badAppName = (name: string, next?: string) => {
  const near = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return usage(
    "bad-app-name",
    `Expected an app name of lower-case letters and digits, with ".", "_" or "-" between them, found ${quoted(name)}`,
    next ?? (near === "" ? "oneoff apps" : `use ${plain(near)}, or see which there are: oneoff apps`),
  );
};
