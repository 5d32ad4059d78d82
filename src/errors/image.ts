import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

export const noDockerfile = (path: string) =>
  usage("no-dockerfile", `No such Dockerfile ${quoted(path)}`, "oneoff deploy --file PATH …, or --image REF");

/** @param where `.dockerignore:3` */
export const badIgnorePattern = (where: string, pattern: string) =>
  usage(
    "bad-dockerignore",
    `${where}: expected a pattern, found ${quoted(pattern)}`,
    'write a "\\" before a literal "["',
  );

/** @param missing with their lines. A frontend only parses the Dockerfile. @param retry the command that pulls. */
export const missingBaseImages = (
  dockerfile: string,
  missing: readonly { image: string; line: number; isFrontend?: boolean }[],
  retry = "deploy --pull",
) =>
  new OneoffError(
    "missing-image",
    missing
      .map(({ image, line }) => `${plain(dockerfile)}:${line}: image ${quoted(image)} not found locally`)
      .concat("use --pull to pull missing images"),
    {
      next: `oneoff ${plain(retry)} …, or load them: docker load -i image.tar${
        missing.some(({ isFrontend }) => isFrontend) ? '; or remove "# syntax=" from the Dockerfile' : ""
      }`,
    },
  );

interface BuildMount {
  readonly type: "secret" | "ssh";
  readonly id: string;
  readonly line: number;
}

const mountName = ({ type, id }: BuildMount) => `${type === "ssh" ? "SSH agent" : "secret"} ${quoted(id)}`;

/** @param mounts that the Dockerfile requires. */
export const noBuildSecrets = (dockerfile: string, mounts: readonly BuildMount[]) =>
  new OneoffError(
    "no-build-secrets",
    mounts
      .map((mount) => `${plain(dockerfile)}:${mount.line}: RUN requires the ${mountName(mount)}`)
      .concat("oneoff does not pass secrets or an SSH agent to builds"),
    { next: "docker build --secret … or --ssh … -t IMAGE ., then oneoff deploy --image IMAGE …" },
  );

/** A warning. The mount is optional. */
export const absentBuildSecret = (dockerfile: string, mount: BuildMount) =>
  `${plain(dockerfile)}:${mount.line}: RUN does not get the ${mountName(mount)}: oneoff does not pass secrets or an SSH agent to builds (docker build --${mount.type} …, then oneoff deploy --image …)`;

export const sentAsArchive = () =>
  "A file name of the context is not UTF-8, which BuildKit of this engine requires: the context is sent as an archive, and COPY . also copies the Dockerfile";

/** @param file one of its index files. */
export const badImageArchive = (archive: string, file: string) =>
  new OneoffError("load-failed", `${archive} is not an image archive: invalid ${plain(file)}`, {
    next: "docker save -o app.tar IMAGE",
  });

export const notOneImage = (archive: string, images: readonly string[]) =>
  images.length === 0
    ? new OneoffError("not-one-image", `${archive} has no image`, {
        next: "docker save -o app.tar IMAGE",
      })
    : new OneoffError("not-one-image", `${archive} has several images: ${images.map(plain).join(", ")}`, {
        next: `oneoff deploy --archive ${plain(archive)} --image ${plain(images[0] ?? "")} …`,
      });

/** @param image of `--image`. */
export const imageNotInArchive = (archive: string, image: string, images: readonly string[]) =>
  new OneoffError("not-one-image", `${archive} has no image ${quoted(image)}; it has ${images.map(plain).join(", ")}`, {
    next: `oneoff deploy --archive ${plain(archive)} --image ${plain(images[0] ?? "")} …`,
  });

export const badCompression = (archive: string, problem: string) =>
  new OneoffError("load-failed", `Cannot decompress ${archive}: ${problem}`, {
    next: "docker save IMAGE | gzip >app.tar.gz",
  });

/** @param keys of `build` in the Compose file. */
export const unsupportedBuild = (app: string, keys: readonly string[]) =>
  usage(
    "unsupported-build",
    `Cannot build the image of ${quoted(app)}: oneoff does not support ${keys.join(", ")} in "build"`,
    `docker compose build ${serviceOf(app)}, then: oneoff run ${plain(app)} …`,
  );

/** @param context a URL. */
export const remoteContext = (app: string, context: string) =>
  usage(
    "unsupported-build",
    `Cannot build the image of ${quoted(app)}: the context ${quoted(context)} is not a local folder`,
    `docker compose build ${serviceOf(app)}, then: oneoff run ${plain(app)} …`,
  );

/** `web` for `shop/web`. */
const serviceOf = (app: string) => plain(app.replace(/^.*[/:]/, ""));
