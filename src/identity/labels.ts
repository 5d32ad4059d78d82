import { LAUNCHER_LABEL } from "../app/buildpacks.ts";

/** Every label that oneoff writes. */
export const LABEL = {
  /** The container's own name: no image can know it, so the labels of a container that repeats it are not inherited. */
  container: "dev.oneoff.container",
  app: "dev.oneoff.app",
  /** `run.7364` */
  name: "dev.oneoff.name",
  /** What the container is for: `run`, `process`, `phase` of a deploy, `procfile` for a look into an image, `lock`, `deploy` for who holds a deploy's. */
  kind: "dev.oneoff.kind",
  /** The Procfile's process type, when the command came from there. */
  processType: "dev.oneoff.process-type",
  /** On a process that what it is to replace had to be stopped for. */
  displaces: "dev.oneoff.displaces",
  /** On a process, a digest of what it was created by, but for its image and its variables: whether that has changed since. */
  settings: "dev.oneoff.settings",
  /** What it runs, as people may read it: without secrets. */
  command: "dev.oneoff.command",
  /** Who made it, and waits for it unless it is detached; see `Owner`. */
  owner: "dev.oneoff.owner",
  /** How long it may run, in seconds from its start on. */
  timeout: "dev.oneoff.timeout",
  /** How long it is kept after its end, in seconds. Only what is detached has it. */
  retain: "dev.oneoff.retain",
  /** What becomes of it when its owner has gone. */
  onDisconnect: "dev.oneoff.on-disconnect",
  /** The key of a lock, and the id of the container that holds it. */
  lock: "dev.oneoff.lock",
  holder: "dev.oneoff.lock-holder",
  /** On an image of its own: how many processes of each type somebody wants, `web=2 worker=1`. */
  scale: "dev.oneoff.scale",
  /** The number of a release: of its image, and of all that runs it. */
  release: "dev.oneoff.release",
  /** Of a release's image only: what it was made of, and what `Release` says; whatever runs it inherits them. */
  releaseBase: "dev.oneoff.release.base",
  releaseCreated: "dev.oneoff.release.created",
  releaseProcfile: "dev.oneoff.release.procfile",
  releaseAppJson: "dev.oneoff.release.app-json",
  releasePostdeployed: "dev.oneoff.release.postdeployed",
  /** On a release of herokuish and its one-offs; whatever runs them inherits it. */
  launcher: LAUNCHER_LABEL,
} as const;
