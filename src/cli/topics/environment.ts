import type { Topic } from "./topic.ts";

export const environment: Topic = {
  about: "Environment variables that oneoff reads",
  text: () => `\
Commands in containers do not inherit your environment. --env NAME, --env-file and --secret NAME pass variables to them, and values in oneoff.yaml can refer to variables.

# Engine
DOCKER_HOST :: Address of the engine. --host and --context take precedence (oneoff help engines).
DOCKER_CONTEXT :: Docker context, if DOCKER_HOST is not set.
DOCKER_CONFIG :: Folder of docker's config.json and contexts (default ~/.docker).
DOCKER_TLS_VERIFY, DOCKER_TLS :: Enable TLS for tcp://; DOCKER_TLS without verification of the certificate.
DOCKER_CERT_PATH :: Folder of ca.pem, cert.pem and key.pem (default DOCKER_CONFIG).
DOCKER_API_VERSION :: Maximum version of the engine's API (default 1.44).
XDG_RUNTIME_DIR, COLIMA_HOME :: Folders where oneoff looks for sockets if no engine is configured.

# Output
NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM :: Enable or disable colour (oneoff help output).
ONEOFF_PAGER, PAGER :: Pager for help that is longer than the screen; an empty value or cat disables it (default less -FRX).
LC_ALL, LC_CTYPE, LANG :: Character set of progress bars: UTF-8 or ASCII.
CI :: Disables progress bars when set.
GITHUB_ACTIONS, GITLAB_CI :: Select the log format of the CI service (oneoff help ci).
GITHUB_STEP_SUMMARY :: File of the job summary on GitHub.
ONEOFF_COMPLETION_TIMEOUT :: Time that shell completion waits for the engine, e.g. 2s (default half a second).

# Registries
DOCKER_AUTH_CONFIG :: Credentials for --pull in the format of docker's config.json: {"auths": {"registry": {"auth": "…"}}}.
DOCKER_CONFIG :: Folder of config.json (default ~/.docker). DOCKER_AUTH_CONFIG takes precedence over its credHelpers, credsStore and auths. Its proxies are build arguments and variables of one-offs.

# Files
HOME :: Home directory, and the value of ~ in oneoff.yaml.
XDG_CONFIG_HOME :: Configuration (default ~/.config): oneoff/properties.json for app-json:set, oneoff/env for variables of app.json.
XDG_STATE_HOME :: State (default ~/.local/state): oneoff/journal.
XDG_CACHE_HOME :: Cache (default ~/.cache): oneoff for Procfiles of images.
COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES :: Compose files, name of the project and profiles, as in docker compose (oneoff help compose).
COMPOSE_ENV_FILES, COMPOSE_DISABLE_ENV_FILE, COMPOSE_PATH_SEPARATOR :: Replace .env, ignore it, or separate the files of COMPOSE_FILE, as in docker compose.
SUDO_USER, USER :: User who started a one-off, for the journal.
SUDO_UID :: User who called sudo; root also reads a oneoff.yaml or Compose file of this user.
PWD :: Path of the working directory after it was removed.
`,
};
