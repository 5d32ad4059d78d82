import { ciGithub } from "./ci-github.ts";
import { ciGitlab } from "./ci-gitlab.ts";
import type { Topic } from "./topic.ts";

export const ci: Topic = {
  about: "In a pipeline, on a runner that has the engine's socket",
  text: () => `\
A job runs oneoff as a person does: it needs the engine's socket, and no terminal. Output comes as it is written, and the exit code is the command's own, so that a step fails when its command does.

    oneoff help ci github > .github/workflows/deploy.yml
    oneoff help ci gitlab > .gitlab-ci.yml

# Exit codes
- Of run, attach and wait the command's own, so that a step fails as its command does; 124 when --timeout has stopped it.
- 125 when oneoff or the engine failed and the command did not: try again, or let oneoff doctor say why.
- Of deploy 0 when the release is live, 1 when it is not, and what ran before runs on; 2 for a wrong word.

# What to know
- --no-tty is for runners that give their jobs a terminal: with one, stdout and stderr would be one stream.
- In a container that runs as root, the checkout often belongs to another user: name its oneoff.yaml with --config.
- DOCKER_AUTH_CONFIG has the passwords of registries for --pull, as docker login writes them: {"auths": {"registry": {"auth": "…"}}}.
- Without a terminal stdout and stderr stay apart, and stdin reaches the command; --quiet leaves nothing on stderr but errors.
- A signal, such as that of a job that is cancelled, is passed on to the command; --timeout bounds it in any case.
- In a job of GitHub Actions or GitLab CI (GITHUB_ACTIONS, GITLAB_CI) a deploy, and what else is done to an app's processes, writes for its log: a group for each step, folded, and failures as annotations, or in red. --ci github, --ci gitlab and --ci none say so themselves. On GitHub the time of each step is also on the job's page.
- What a command writes is never taken for a command of the service; nothing is masked that the service does not mask itself.
- --json writes events for programs instead: oneoff help events.
- --lock KEY keeps two jobs from running the same thing at once, on whatever runners share the engine.
`,
  parts: new Map([
    ["github", ciGithub],
    ["gitlab", ciGitlab],
  ]),
};
