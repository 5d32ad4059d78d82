import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

export const helperMissing = (program: string, server: string) =>
  new OneoffError(
    "no-credential-helper",
    `${plain(program)}, which is to have those of ${plain(server)}, is not there`,
    {
      next: `install ${plain(program)}, or take it out of docker's config.json`,
    },
  );

/** @param reason never anything that may be a secret. */
export const helperFailed = (program: string, server: string, reason: string) =>
  new OneoffError("credential-helper", `${plain(program)} has failed for ${plain(server)}: ${plain(reason)}`, {
    next: `docker login ${plain(server)}, or see what it says: echo ${plain(server)} | ${plain(program)} get`,
  });

export const badAuthConfig = () =>
  new OneoffError("bad-auth-config", `DOCKER_AUTH_CONFIG is no JSON; expected {"auths": {"registry": {"auth": "…"}}}`, {
    next: "mend it, or unset DOCKER_AUTH_CONFIG",
  });

export const noConfigFolder = () =>
  usage("no-config-folder", "Neither XDG_CONFIG_HOME nor HOME is set: there is nowhere to keep it", "set one of them");

/** @param pid of the process that has the lock. */
export const propertiesLocked = (lock: string, pid = "unknown") =>
  new OneoffError("properties-locked", `The lock ${quoted(lock)} has been held too long, by the process ${pid}`, {
    next: "end that process, then try again",
  });

/** @param file with values of variables, of which none is shown. */
export const badEnvStore = (file: string) =>
  new OneoffError("bad-env-store", `${file}: expected a JSON object of strings`, { next: "mend it, or move it away" });
