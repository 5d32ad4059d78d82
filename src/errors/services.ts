import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

const up = (services: readonly string[]) => `docker compose up -d ${services.map(plain).join(" ")}`;

/** @param other the service of which `service` shares something. */
export const nothingToShare = (service: string, other: string, what: "network" | "processes" | "memory" | "volumes") =>
  new OneoffError("share-gone", `${quoted(service)} shares the ${what} of ${quoted(other)}, which is not running`, {
    next: up([other]),
  });

/** A warning. */
export const dependenciesDown = (services: readonly string[]) =>
  `${services.map(plain).join(", ")} ${services.length === 1 ? "is" : "are"} not running: ${up(services)}`;

export const missingExternal = (kind: "network" | "volume", name: string, file: string) =>
  new OneoffError(`missing-${kind}`, `External ${kind} ${quoted(name)} of ${quoted(file)} not found`, {
    next: `docker ${kind} create ${plain(name)}`,
  });

/** @param app as typed. @param image the name that Compose gives to the image. */
export const serviceNotBuilt = (app: string, image: string) =>
  new OneoffError("not-built", `Image ${quoted(image)} of ${quoted(app)} has not been built`, {
    next: `docker compose build ${serviceOf(app)}, or: oneoff run --build ${plain(app)} …`,
  });

/** @param file the Compose file; undefined if there is none. */
export const noServiceToBuild = (app: string, file: string | undefined) =>
  usage(
    "nothing-to-build",
    file === undefined
      ? `--build: no Compose file in this folder or its parents has the service ${quoted(app)}`
      : `--build: the service ${quoted(app)} has no "build" in ${quoted(file)}`,
    `oneoff run ${plain(app)} …`,
  );

/** `web` for `shop/web`. */
const serviceOf = (app: string) => plain(app.replace(/^.*[/:]/, ""));

const cannotProvide = (service: string, what: string, why: string, next: string) =>
  usage("unsupported-service", `Cannot provide the ${what} of the service ${quoted(service)}: ${why}`, next);

/** @param what e.g. `secret "token"`. */
export const unsupportedFile = (service: string, what: string, why: string) =>
  cannotProvide(service, what, why, 'use "file" in the Compose file');

export const unsetFile = (service: string, what: string, variable: string) =>
  cannotProvide(service, what, `the variable ${plain(variable)} is not set`, `export ${plain(variable)}=…`);
