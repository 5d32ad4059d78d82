import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

export const helperMissing = (program: string, server: string) =>
  new OneoffError(
    "no-credential-helper",
    `Cannot read the credentials of ${plain(server)}: ${plain(program)} is not installed`,
    {
      next: `install ${plain(program)}, or remove it from docker's config.json`,
    },
  );

/** @param reason without output of the program, which may be a secret. */
export const helperFailed = (program: string, server: string, reason: string) =>
  new OneoffError(
    "credential-helper",
    `Cannot read the credentials of ${plain(server)}: ${plain(program)} failed: ${plain(reason)}`,
    {
      next: `docker login ${plain(server)}, or see: echo ${plain(server)} | ${plain(program)} get`,
    },
  );

export const badAuthConfig = () =>
  new OneoffError("bad-auth-config", `Invalid DOCKER_AUTH_CONFIG: expected {"auths": {"registry": {"auth": "…"}}}`, {
    next: "fix DOCKER_AUTH_CONFIG, or unset it",
  });

export const noConfigFolder = () =>
  usage(
    "no-config-folder",
    "Cannot store the setting: XDG_CONFIG_HOME and HOME are not set",
    "set one of the variables",
  );

/** @param pid of the process that holds the lock. */
export const propertiesLocked = (lock: string, pid = "unknown") =>
  new OneoffError("properties-locked", `Timeout: lock ${quoted(lock)} is held by process ${pid}`, {
    next: "stop that process, then try again",
  });

/** Without the values in the file: they may be secret. */
export const badEnvStore = (file: string) =>
  new OneoffError("bad-env-store", `${file}: expected a JSON object of strings`, {
    next: "fix the file, or move it away",
  });
