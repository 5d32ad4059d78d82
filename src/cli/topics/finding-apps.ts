import { COPIED_CONVERTED, COPIED_UNCHANGED, type FieldGroup, NEVER_COPIED } from "../../oneoff/apps/copied-fields.ts";
import type { Topic } from "./topic.ts";

const lines = (groups: readonly FieldGroup[]) =>
  groups
    .map(({ description, config = [], host = [] }) => `${description} :: ${[...config, ...host].join(", ")}`)
    .join("\n");

export const findingApps: Topic = {
  about: "Search order of apps, and settings that one-offs copy",
  text: () => `\
oneoff looks for an app in this order:

oneoff.yaml :: The file of --config, or the nearest oneoff.yaml in the working directory and its parents.
release :: The image oneoff/APP:latest of \`oneoff deploy\`. An image that was only tagged oneoff/APP:latest is listed as "image".
container :: An app of dokku (shop), a service of Docker Compose (web or shop/web) or Kamal (blog or blog/job), or the container of this name.
Swarm service :: On a manager, a service of the whole Swarm: shop_web, shop/web, web or swarm:shop_web (oneoff help swarm).
Compose file :: A service of the nearest Compose file (web, shop/web or compose:shop/web) of which no container exists; see oneoff help compose.

A oneoff.yaml without --config, and a Compose file, must belong to you or to root; under sudo, also to the user who called sudo. oneoff refuses to read it if every user can write to it, or to its folder without the sticky bit. In a CI container that runs as root, use --config oneoff.yaml.

If oneoff.yaml names an image that \`oneoff deploy\` has deployed, one-offs run the deployed image, with the changes of predeploy.

A one-off of a container is a copy with the fields listed below. If several apps have the same name, oneoff reports an error with the names that identify each, e.g. \`compose:shop/web\` or \`swarm:blog_web\`.

--image runs another image with the settings of the app. If there is no such app, one-offs run the image without further settings.

# Copied from a container
Fields have the names of \`docker inspect\`. Options, --size and \`run\` of oneoff.yaml override limits.
${lines([...COPIED_CONVERTED, ...COPIED_UNCHANGED])}

# Not copied
${lines(NEVER_COPIED)}

# Swarm services
One-offs copy the service, i.e. what its next task would get, not a task that may be older. The same fields are copied as from a container, and the host name if the service sets one. Placeholders of the service and the node, e.g. {{.Service.Name}}, are replaced; a container does not get variables and mounts with {{.Task.Slot}} or other placeholders, and oneoff prints a warning. For secrets, configs and networks see oneoff help swarm.

A worker knows only its own tasks, and neither their secrets nor their configs. It refuses to copy them, unless the container of a task is named: container:shop_web.1.x1y2z3.

# Buildpack images
The launcher of Cloud Native Buildpacks, or the profile of herokuish, starts commands, deployed processes, phases, \`oneoff exec\` and command health checks. --entrypoint and \`entrypoint\` in oneoff.yaml replace the launcher.

# Inspection
oneoff apps :: Lists all apps with source, image, state and age.
oneoff app:info my-app :: Prints the settings of one-offs and the source of each value, with variables masked. The source "build" is the Procfile of the build context, and "Procfile" the one beside oneoff.yaml; "app.json" is a variable that a deploy has set.
oneoff run --print my-app ls :: Prints the create request as JSON; --print=docker prints a docker command.
oneoff init :: Generates oneoff.yaml from compose.yaml, Dockerfile, Procfile and running containers.

# Environment variables
Later sources override earlier sources:

- the image
- proxies of docker's config.json, as in \`docker run\`
- the app
- --env-file
- --env

--env NAME without a value takes the value from your environment. DYNO is the name of the one-off. A process type of a release also has the PORT of its process.

# Procfile
oneoff uses the Procfile of oneoff.yaml or of the release. Otherwise it uses the Procfile in the image's working directory, or in the build context of oneoff.yaml. For an app with \`image\`, the Procfile beside oneoff.yaml comes last. The rules about owners apply to it, too.

With --image, oneoff reads the Procfile of that image, unless its working directory is /: \`oneoff run --image IMAGE my-app migrate\` runs the command of migrate.
`,
};
