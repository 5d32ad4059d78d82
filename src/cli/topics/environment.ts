import type { Topic } from "./topic.ts";

export const environment: Topic = {
  about: "Every variable that oneoff itself reads",
  text: () => `\
Variables of our environment reach no command by themselves: --env NAME, --env-file and --secret NAME take them over, and values in oneoff.yaml may name them.

# The engine
DOCKER_HOST :: where the engine listens, unless --host or --context say so (oneoff help engines)
DOCKER_CONTEXT :: the docker context to use, where DOCKER_HOST says nothing
DOCKER_CONFIG :: docker's own folder, with its contexts [~/.docker]
DOCKER_TLS_VERIFY, DOCKER_TLS :: speak TLS at a port; the second without verifying who answers
DOCKER_CERT_PATH :: the folder of ca.pem, cert.pem and key.pem [DOCKER_CONFIG]
DOCKER_API_VERSION :: the newest version of the engine's API to speak [1.44]
XDG_RUNTIME_DIR, COLIMA_HOME :: where sockets are looked for when nothing names an engine

# How oneoff talks
NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM :: whether in colour: oneoff help output
ONEOFF_PAGER, PAGER :: the command that shows help that is longer than the screen; empty, or cat, for none [less -FRX]
LC_ALL, LC_CTYPE, LANG :: whether the terminal knows more than ASCII, for progress bars
CI :: set, there are no progress bars
GITHUB_ACTIONS, GITLAB_CI :: the service whose log is written for: oneoff help ci
GITHUB_STEP_SUMMARY :: the file of the job's page
ONEOFF_COMPLETION_TIMEOUT :: how long completion in a shell waits for the engine, as in 2s [half a second]

# Registries
DOCKER_AUTH_CONFIG :: credentials for --pull, as docker's config.json has them: {"auths": {"registry": {"auth": "…"}}}
DOCKER_CONFIG :: the folder of that config.json, whose credHelpers, credsStore and auths count after them; its proxies are arguments of builds and variables of one-offs [~/.docker]

# Files
HOME :: the home of the three below, and what ~ stands for in oneoff.yaml
XDG_CONFIG_HOME :: what app-json:set has set, and variables that app.json has made: oneoff/properties.json and oneoff/env there [~/.config]
XDG_STATE_HOME :: the journal: oneoff/journal there [~/.local/state]
XDG_CACHE_HOME :: Procfiles that were read from images: oneoff there [~/.cache]
SUDO_USER, USER :: who started a one-off, in the journal
SUDO_UID :: who called sudo: as root, oneoff also reads a oneoff.yaml of this user
PWD :: the working folder, where it has been removed
`,
};
