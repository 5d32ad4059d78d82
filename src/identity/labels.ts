import { LAUNCHER_LABEL } from "../app/buildpacks.ts";

/** Every label that oneoff writes. */
export const LABEL = {
  /** The own name of the container, or of the Swarm service. No image can contain it: it proves that the labels are not inherited. */
  container: "dev.oneoff.container",
  app: "dev.oneoff.app",
  /** `run.7364` */
  name: "dev.oneoff.name",
  /** The purpose: `run`, `process`, `phase`, `procfile` (reads an image), `lock`, `deploy` (the lock of a deploy),
   * `holder` (a Swarm service whose task lends its network and secrets to a one-off), `release` (a Swarm config that
   * stores a release), `scale` (a Swarm config). */
  kind: "dev.oneoff.kind",
  /** The process type, if the command is from the Procfile. */
  processType: "dev.oneoff.process-type",
  /** On a process for which the old process was stopped first. */
  displaces: "dev.oneoff.displaces",
  /** On a process, a digest of its settings without image and variables, to detect changes. */
  settings: "dev.oneoff.settings",
  /** The command, with secrets masked. */
  command: "dev.oneoff.command",
  /** The process that created it and waits for it, unless detached; see `Owner`. */
  owner: "dev.oneoff.owner",
  /** Time limit in seconds from the start. */
  timeout: "dev.oneoff.timeout",
  /** Retention after the exit in seconds, of detached one-offs only. */
  retain: "dev.oneoff.retain",
  /** The action when its owner has exited. */
  onDisconnect: "dev.oneoff.on-disconnect",
  /** The key of a lock, and the ID of the container that holds it. */
  lock: "dev.oneoff.lock",
  holder: "dev.oneoff.lock-holder",
  /** On a separate image, in a Swarm on a config: the requested number of processes per type, `web=2 worker=1`. */
  scale: "dev.oneoff.scale",
  /** The number of a release, on its image and containers. */
  release: "dev.oneoff.release",
  /** On the image of a release: its source and the fields of `Release`. Containers inherit them. */
  releaseBase: "dev.oneoff.release.base",
  releaseCreated: "dev.oneoff.release.created",
  releaseProcfile: "dev.oneoff.release.procfile",
  releaseAppJson: "dev.oneoff.release.app-json",
  releasePostdeployed: "dev.oneoff.release.postdeployed",
  /** On the Swarm config of a release: when it last became live, and that its deploy has steps left to run. */
  releaseLive: "dev.oneoff.release.live",
  releaseUnfinished: "dev.oneoff.release.unfinished",
  /** On a herokuish release and its one-offs. Containers inherit it. */
  launcher: LAUNCHER_LABEL,
} as const;
