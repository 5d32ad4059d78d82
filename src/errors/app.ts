import { anyOf, plain, quoted } from "../text/quoted.ts";
import { helpOf, usage } from "./error.ts";
import { fileProblem } from "./manifest.ts";

// Procfile

const PROCFILE_EXAMPLE = 'write, e.g., "web: ./serve --port $PORT"';

/** @param where `Procfile:3`, or the file alone. */
const badProcfile = (where: string, problem: string, next: string) =>
  usage("bad-procfile", `${where}: ${problem}`, next);

export const procfileBadLine = (where: string, line: string, continued: boolean) =>
  badProcfile(
    where,
    `expected "name: command", found ${quoted(line)}`,
    continued ? 'write the command on one line: a "\\" at the end of a line does not continue it' : PROCFILE_EXAMPLE,
  );

export const procfileConflict = (where: string, line: string) =>
  badProcfile(
    where,
    `expected "name: command", found the conflict marker ${quoted(line)}`,
    "resolve the merge conflict first",
  );

export const procfileLineTooLong = (where: string, bytes: number, most: number) =>
  badProcfile(where, `the line has ${bytes} bytes; the maximum is ${most}`, "move the command to a script");

export const procfileNameTooLong = (where: string, name: string, most: number) =>
  badProcfile(
    where,
    `the process type ${quoted(name)} has ${name.length} characters; the maximum is ${most}`,
    "choose a shorter name",
  );

/** @param line of the first occurrence. */
export const procfileTwice = (where: string, name: string, line: number) =>
  badProcfile(where, `the process type ${quoted(name)} already exists on line ${line}`, "rename or remove one of them");

export const procfileNoCommand = (where: string, name: string, comment: boolean) =>
  badProcfile(
    where,
    `expected a command after "${name}:", found ${comment ? "only a comment" : "nothing"}`,
    PROCFILE_EXAMPLE,
  );

export const procfileEmpty = (file: string) =>
  badProcfile(file, 'expected at least one "name: command" line, found none', PROCFILE_EXAMPLE);

// text files

/** @param found a noun, e.g. `a NUL byte`. */
export const notText = (where: string, found: string) =>
  usage("not-text", `${where}: expected text in UTF-8, found ${found}`, "save the file as UTF-8");

// env: messages have no value and no whole line, which may be secret

/** @param where `.env:3`, or `--env`. */
export const envNoName = (where: string) =>
  usage(
    "bad-env",
    `${where}: expected NAME=VALUE or NAME, found no name`,
    "write a name before the =, or remove the line or option",
  );

/** A warning. */
export const severalVariables = (name: string) =>
  `--env ${name}: everything after the "=" is the value, including ";" (several variables: -e ${name}=… -e NAME=…)`;

/** @param plain what is before the `=`, if it is certainly a name and not a secret. */
export const envNameSpaced = (where: string, plain?: { name: string; exported: boolean }) => {
  if (plain?.exported)
    return usage("bad-env", `${where}: expected "${plain.name}=", found "export" before it`, 'remove "export"');
  const found = plain ? `white space after "${plain.name}"` : "white space in the name";
  return usage(
    "bad-env",
    `${where}: expected NAME=VALUE or NAME, found ${found}`,
    "remove the white space; only a value may have any",
  );
};

/** In an env file of oneoff.yaml, parsed like Docker Compose does. @param problem has no value. */
export const badEnvSyntax = (where: string, problem: string) =>
  usage(
    "bad-env",
    `${where}: ${problem}`,
    "write NAME=VALUE, with single quotes around a value that contains a quote, # or $",
  );

/** A warning. */
export const quotedEnvValue = (name: string) =>
  `--env-file: the quotes around the value of ${plain(name)} are part of it, as with docker run; only env-file in oneoff.yaml removes quotes, like Docker Compose`;

/** A warning. */
export const unsetVariable = (file: string, name: string) =>
  `${plain(file)}: the variable ${plain(name)} is not set; an empty value is used`;

// app.json and properties of apps

/** @param problems one line each, beginning with its place in the file. */
export const badAppJson = (problems: string[]) => usage("bad-app-json", problems, "oneoff help app-json");

export const appJsonTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-app-json", `${file}: the file has ${bytes} bytes; the maximum is ${most}`, "oneoff help app-json");

/** @param problems one line each, beginning with its place in the file. */
export const badProperties = (problems: string[]) =>
  usage("bad-properties", problems, "fix the file, or move it away to reset all properties");

export const badAppJsonPath = (given: string) =>
  usage(
    "bad-appjson-path",
    `appjson-path: ${fileProblem.appJsonPath(given)}`,
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

/** @param property found where the app was expected. */
export const noPropertyApp = (property: string) =>
  usage(
    "no-app",
    `Expected an app or --global before ${quoted(property)}`,
    `oneoff app-json:set my-app ${plain(property)} …`,
  );

// oneoff init

/** A warning. @param settings keys of the Compose file. */
export const appIncomplete = (app: string, settings: readonly string[]) =>
  `${app}: not included, because oneoff.yaml cannot express it: ${settings.join(", ")}`;

/** A warning. */
export const appsLeftOut = (apps: readonly string[]) =>
  `Not included, because oneoff.yaml cannot express their source: ${apps.map(quoted).join(", ")}`;

export const manifestExists = (file: string) =>
  usage("manifest-exists", `${plain(file)} already exists; oneoff init never overwrites it`, "oneoff init --print");

// options of a one-off

/** @param expected with an example: `a number such as 3`. */
export const badQuantity = (option: string, text: string, expected: string) =>
  usage(
    "bad-quantity",
    `Invalid ${option} ${quoted(text)}: expected ${expected}`,
    `${option} ${/such as ([^\s,]+)/.exec(expected)?.[1]}`,
  );

/** @param expected with an example: `an IP address such as 10.0.0.53`. */
export const badOptionValue = (option: string, text: string, expected: string) =>
  usage(
    "bad-option-value",
    `Invalid ${option} ${quoted(text)}: expected ${expected}`,
    `${option} ${/such as ([^\s,]+)/.exec(expected)?.[1]}`,
  );

export const badVolume = (text: string) =>
  usage(
    "bad-volume",
    `Invalid --volume ${quoted(text)}: expected SOURCE:TARGET[:OPTIONS] with an absolute target`,
    "--volume ./data:/data:ro",
  );

export const badMount = (text: string, problem: string) =>
  usage(
    "bad-mount",
    `Invalid --mount ${quoted(text)}: ${problem}`,
    "--mount type=bind,source=/host/path,target=/path,readonly",
  );

/** @param next if the intention is known. */
export const badAppName = (name: string, next?: string) => {
  const near = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return usage(
    "bad-app-name",
    `Invalid app name ${quoted(name)}: expected lower-case letters and digits, with ".", "_" or "-" between them`,
    next ?? (near === "" ? "oneoff apps" : `use ${plain(near)}, or list the apps: oneoff apps`),
  );
};
