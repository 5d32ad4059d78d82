import type { Topic } from "./topic.ts";

export const compose: Topic = {
  about: "Services of a Compose file, also when nothing is up",
  text: () => `\
A service of the nearest Compose file is an app, also if none of its containers exists:

    oneoff run web bin/rails console
    oneoff run --build web bin/rails db:migrate
    oneoff run shop/web ls

oneoff looks for a service after oneoff.yaml, releases and containers (oneoff help finding-apps). If the service has a container, one-offs copy the container. Otherwise the file decides. \`web\`, \`shop/web\` and \`compose:shop/web\` name the service web of the project shop. Services of any profile can be named. If a container of another project has the same service, \`web\` is ambiguous.

The file is read by the rules of docker compose: names and override files, COMPOSE_FILE, .env, interpolation, extends, include, env_file and profiles. Like oneoff.yaml, a file that another user can write to is refused. COMPOSE_FILE and \`include\` may name such files.

# Settings
A one-off gets the settings that docker compose run gives to its container: variables, user, working directory, entrypoint, volumes, networks, links, limits, devices, capabilities, namespaces, secrets and configs. \`oneoff app:info web\` shows them, and \`oneoff run --print web\` the create request.

A command replaces \`command\` of the service. Without a command, a terminal session starts a shell.

Secrets and configs that are files are mounted. Others are copied into the container before it starts, with their mode, uid and gid.

# Image
The image is \`image\`, or the image that docker compose build creates (shop-web). oneoff neither builds nor pulls it on its own.

--build :: Builds the image with the name and the labels of Compose. The one-off then gets the settings of the file, also if a container exists. Missing base images are pulled only with --pull.
--pull :: Pulls a missing image.

Builds with secrets, ssh, additional_contexts, platforms, network and some rarer keys are left to docker compose build.

# Networks and volumes
Missing networks and volumes of the service are created as docker compose creates them, with its labels. A later \`docker compose up\` uses them without a warning. External networks and volumes must exist.

Services in \`depends_on\` are not started. oneoff names those that are not running, and the command that starts them. A service that shares a namespace or volumes of another service needs a container of the other.

# oneoff.yaml
\`oneoff init\` converts the services to oneoff.yaml. Variables in \`environment\`, \`image\` and \`build.args\` stay references, and env files stay files, so it copies no secret. oneoff.yaml does not read .env. A comment and a warning name each setting that oneoff.yaml cannot express.

# Differences from docker compose run
- Ports are published only with --service-ports, and a one-off has no alias and no fixed address: it receives no traffic.
- It has no health check, restart policy or label of Compose.
- An init process is PID 1 unless the service sets \`init: false\`.
- Attached one-offs have no log. Detached ones keep the bounded log of oneoff; \`logging\` is ignored.
- DYNO is set to the name of the one-off.
- The uid and gid of a copied secret are kept, also if the service sets a user.
- \`use_api_socket\`, \`models\` and \`provider\` are ignored.
`,
};
