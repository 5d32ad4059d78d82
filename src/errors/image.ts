import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

// images that are built or loaded

export const noDockerfile = (path: string) =>
  usage("no-dockerfile", `There is no ${quoted(path)} to build from`, "oneoff deploy --file PATH …, or --image REF");

/** @param where `.dockerignore:3` */
export const badIgnorePattern = (where: string, pattern: string) =>
  usage("bad-dockerignore", `${where}: expected a pattern, found ${quoted(pattern)}`, 'put a "\\" before a plain "["');

/** @param missing with the lines that name them, and whether they only read the Dockerfile. */
export const missingBaseImages = (
  dockerfile: string,
  missing: readonly { image: string; line: number; isFrontend?: boolean }[],
) =>
  new OneoffError(
    "missing-image",
    missing
      .map(({ image, line }) => `${plain(dockerfile)}:${line}: the engine has no image ${quoted(image)}`)
      .concat("nothing is pulled unasked"),
    {
      next: `docker load -i image.tar brings one, oneoff deploy --pull … pulls them${
        missing.some(({ isFrontend }) => isFrontend) ? '; without "# syntax=" the engine reads the file by itself' : ""
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
      .concat("oneoff gives builds no secrets and no SSH agent"),
    { next: "docker build --secret … or --ssh … -t IMAGE ., then oneoff deploy --image IMAGE …" },
  );

/** A mount that may be absent. */
export const absentBuildSecret = (dockerfile: string, mount: BuildMount) =>
  `${plain(dockerfile)}:${mount.line}: builds with oneoff have no ${mountName(mount)}: RUN does not mount it; if it is needed, run docker build --${mount.type}, then oneoff deploy --image`;

export const sentAsArchive = () =>
  "BuildKit of this engine accepts only file names in UTF-8 from a session: the context is sent as an archive, and COPY . also copies the Dockerfile";

/** @param file of its index files. */
export const badImageArchive = (archive: string, file: string) =>
  new OneoffError("load-failed", `${archive} is no archive of an image: its ${plain(file)} cannot be read`, {
    next: "docker save -o app.tar IMAGE makes one",
  });

/** @param found its images. */
export const notOneImage = (archive: string, found: readonly string[]) =>
  found.length === 0
    ? new OneoffError("not-one-image", `${archive} has no image in it`, {
        next: "docker save -o app.tar IMAGE makes one",
      })
    : new OneoffError("not-one-image", `${archive} has several images: ${found.map(plain).join(", ")}`, {
        next: `oneoff deploy --archive ${plain(archive)} --image ${plain(found[0] ?? "")} …`,
      });

/** @param image what `--image` asks for. */
export const imageNotInArchive = (archive: string, image: string, found: readonly string[]) =>
  new OneoffError("not-one-image", `${archive} has no ${quoted(image)}; it has ${found.map(plain).join(", ")}`, {
    next: `oneoff deploy --archive ${plain(archive)} --image ${plain(found[0] ?? "")} …`,
  });

export const badCompression = (archive: string, problem: string) =>
  new OneoffError("load-failed", `${archive} cannot be decompressed: ${problem}`, {
    next: "make it anew: docker save IMAGE | gzip >app.tar.gz",
  });
