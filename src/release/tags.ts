export const releaseTag = (app: string, number: number | "*") => `oneoff/${app}:v${number}`;

/** Marks a release whose deploy is in progress, so that the next deploy detects one that was killed. */
export const unfinishedTag = (app: string, number: number | "*") => `${releaseTag(app, number)}-unfinished`;

/** The image of a release before it was relabelled: its processes run it, so it is removed with the last of them. */
export const unmarkedTag = (app: string, number: number | "*") => `${releaseTag(app, number)}-unmarked`;

/** Moves with `latest`: after a rollback, numbers do not tell which release was live before. */
export const previousTag = (app: string) => `oneoff/${app}:previous`;

/** The tag of the live release. */
export const latestTag = (app: string) => `oneoff/${app}:latest`;

/** These images have no labels of oneoff; a reserved tag distinguishes them from images of users. */
const ownTag = (app: string) => `oneoff/${app}:oneoff-`;

/** An image from an archive, which gets no other tag. */
export const loadedTag = (app: string) => `${ownTag(app)}loaded`;

/** An image that BuildKit built for a deploy. BuildKit's cache reproduces the same image without the tag. */
export const builtTag = (app: string) => `${ownTag(app)}built`;

/**
 * An image that was built before the deploy lock was acquired: several deploys may build at the same time.
 * @param since when the build started, in seconds since 1970.
 */
export const unlockedTag = (app: string, since: number, token: string) =>
  `${builtTag(app)}-${Math.floor(since)}-${token}`;

/** When the build of an image started, in seconds since 1970; undefined for another tag. */
export function unlockedSince(app: string, tag: string): number | undefined {
  const [, since] = tag.startsWith(builtTag(app)) ? (/^-(\d+)-/.exec(tag.slice(builtTag(app).length)) ?? []) : [];
  return since === undefined ? undefined : Number(since);
}

/** The last image of another builder, which keeps its layers as a build cache. */
export const cacheTag = (app: string) => `${ownTag(app)}cache`;

/** The image with the changes of predeploy, until its release exists. */
export const predeployTag = (app: string) => `${ownTag(app)}predeploy`;

/** A release that failed to start, until the next deploy. */
export const failedTag = (app: string) => `oneoff/${app}:failed`;

/** A committed image that contains the container's variables; removed immediately. */
export const commitTag = (app: string) => `${ownTag(app)}draft`;

/** The image of a release on each node of a Swarm without a registry, so that it is not dangling. */
export const swarmTag = (app: string, number: number | "*") => `oneoff/${app}:swarm-v${number}`;

/** An image without a registry whose services failed to start, until the next deploy. */
export const failedSwarmTag = (app: string) => `oneoff/${app}:swarm-failed`;

/** The tag of the image of a release in the registry that a deploy pushes it to. */
export const pushedTag = (repository: string, number: number) => `${repository}:oneoff-v${number}`;
