import { COPIED_AS_THEY_ARE, COPIED_OTHERWISE, type FieldGroup, NEVER_COPIED } from "../../engine/copied-fields.ts";
import type { Topic } from "./topic.ts";

const lines = (groups: readonly FieldGroup[]) =>
  groups.map(({ about, config = [], host = [] }) => `${about} :: ${[...config, ...host].join(", ")}`).join("\n");

export const findingApps: Topic = {
  about: "Where an app comes from, and what its one-offs get",
  text: () => `\
An app is the first of these that there is:

oneoff.yaml :: what the nearest one says, here or in a folder above, or that of --config
a release :: the image oneoff/APP:latest, that \`oneoff deploy\` has made; one that was only tagged so is listed as image
a container :: one that is there: of dokku (shop), Compose (web, shop/web), Kamal (blog, blog/job), of a Swarm service, or of that very name

A oneoff.yaml that was found, and not named with --config, must belong to you or to root (under sudo also to the user who called it), and not every user may be able to write to it or, without the sticky bit, to its folder. Otherwise oneoff refuses to read it. In a CI container that runs as root, name it: --config oneoff.yaml.

What \`oneoff deploy\` has made of an image of oneoff.yaml is run as it was deployed, with what predeploy has changed, until another image is live.

A container is copied, with what is listed below. Different apps of one name are refused, with the words that pick each, such as \`compose:shop/web\`.

--image runs another image in an app's place, with all that surrounds it; for an app that is nowhere, it is all there is to it.

# What is copied from a container
By the engine's names, as in \`docker inspect\`. Limits are copied unless an option, --size or \`run\` of oneoff.yaml sets them.
${lines([...COPIED_OTHERWISE, ...COPIED_AS_THEY_ARE])}

# What is never copied
${lines(NEVER_COPIED)}

Secrets and configs of a Swarm service are missing: a warning lists them.

# Buildpack images
Commands, deployed processes, phases, \`oneoff exec\` and health commands are started by the launcher of Cloud Native Buildpacks, or with herokuish's profile. --entrypoint and \`entrypoint\` of oneoff.yaml replace the launcher.

# To see it
oneoff apps :: every app that can be run here: from where, image, state, age
oneoff app:info my-app :: what its one-offs get, and what each value came from; variables masked. build: the Procfile of the folder that the image is built from; app.json: a variable that a deploy has set
oneoff run --print my-app ls :: all that the engine would be told, as JSON; --print=docker as a docker command
oneoff init :: writes a oneoff.yaml from compose.yaml, Dockerfile, Procfile and what runs

# Variables
Those of the image, then the proxies of docker's config.json as with \`docker run\`, then those of the app, then --env-file, then --env: of two values for a name the later one counts. --env NAME without a value takes it from our environment. In the one-off, DYNO is its name; a process type of a release has the PORT of its process.

# Procfile
That of oneoff.yaml, or of the release; else the one in the working directory of the image; else the one in the folder that the app is built from.
`,
};
