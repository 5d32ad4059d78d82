import { ciGithub } from "./ci-github.ts";
import { ciGitlab } from "./ci-gitlab.ts";
import type { Topic } from "./topic.ts";

export const ci: Topic = {
  about: "Exit codes, runners and log formats in CI pipelines",
  text: () => `\
oneoff needs the engine's socket and no terminal. Output is not buffered. The exit code is the exit code of the command, so a step fails when its command fails.

    oneoff help ci github > .github/workflows/deploy.yml
    oneoff help ci gitlab > .gitlab-ci.yml

# Exit codes
- run, attach and wait return the exit code of the command, or 124 after --timeout.
- 125 means that oneoff or the engine failed, not the command. Retry, or run \`oneoff doctor\` to find the cause.
- deploy returns 0 on success, 1 on failure, and 2 for a usage error.

# Runners
- Use --no-tty if the runner gives jobs a terminal. With a TTY, stdout and stderr are one stream.
- In a container that runs as root, the checkout often belongs to another user: use --config oneoff.yaml.
- DOCKER_AUTH_CONFIG contains registry credentials for --pull in the format of docker login: {"auths": {"registry": {"auth": "…"}}}.
- --quiet prints errors only.
- Signals are forwarded to the command, e.g. when a job is cancelled. --timeout limits the command in any case.
- --lock KEY prevents two jobs from running the same task at once, on all runners that share the engine.

# Log formats
deploy and other commands that change processes print logs for GitHub Actions and GitLab CI (GITHUB_ACTIONS, GITLAB_CI). Each step is a collapsed group. Failures are annotations on GitHub and red on GitLab. On GitHub, the job summary contains the duration of each step. --ci github, --ci gitlab and --ci none select the format.

oneoff prevents output of a command from being interpreted as a workflow command of the service. It does not mask values; the service masks its own secrets.

--json prints events for programs instead: oneoff help events.
`,
  parts: new Map([
    ["github", ciGithub],
    ["gitlab", ciGitlab],
  ]),
};
