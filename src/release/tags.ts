export const releaseTag = (app: string, number: number | "*") => `oneoff/${app}:v${number}`;

/** What a release was before it was marked: its processes run that, so it goes with the last of them. */
export const unmarkedTag = (app: string, number: number | "*") => `${releaseTag(app, number)}-unmarked`;

/** Moves with `latest`: numbers alone do not say what was live before, after a rollback. */
export const previousTag = (app: string) => `oneoff/${app}:previous`;

/** A release that oneoff has deployed. */
export const releaseImage = (app: string) => `oneoff/${app}:latest`;

/** These images have no labels of oneoff's: a tag that nobody gives by hand keeps others' images from being taken for them. */
const ownTag = (app: string) => `oneoff/${app}:oneoff-`;

/** What came from an archive: no other tag is given to it. */
export const loadedTag = (app: string) => `${ownTag(app)}loaded`;

/** What BuildKit has built for a deploy. It has a cache of its own: the same once more gives the same image. */
export const builtTag = (app: string) => `${ownTag(app)}built`;

/** What another builder has built last: its name for that goes, and what it is to find again stays. */
export const cacheTag = (app: string) => `${ownTag(app)}cache`;

/** What predeploy has made of an app's image, until there is a release of it. */
export const predeployTag = (app: string) => `${ownTag(app)}predeploy`;

/** A release that could not be started, until the next deploy. */
export const failedTag = (app: string) => `oneoff/${app}:failed`;

/** What the engine has committed, with the container's variables in it: gone before anybody else sees it. */
export const draftTag = (app: string) => `${ownTag(app)}draft`;
