import type { Topic } from "./topic.ts";

export const ciGitlab: Topic = {
  about: "A pipeline of GitLab CI",
  asIs: true,
  text: () => `\
# .gitlab-ci.yml: deploys my-app with each push to the default branch.
stages: [deploy, after]
default:
  # A shell runner of your own: on the engine's machine, or one that reaches it by DOCKER_HOST=ssh://user@host.
  tags: [engine]
  timeout: 30 minutes
workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
deploy:
  stage: deploy
  # One at a time.
  resource_group: my-app
  script:
    - oneoff doctor
    # Base images of a registry that asks for a password: set DOCKER_AUTH_CONFIG in the project's settings, masked.
    - oneoff deploy --pull my-app .
smoke-test:
  stage: after
  script:
    - oneoff run --no-tty --timeout 10m my-app ./smoke-test
import:
  stage: after
  # 125 is oneoff's own, or the engine's: the command has not failed, it could not be run.
  retry: {max: 2, exit_codes: [125]}
  script:
    - oneoff run --no-tty --lock my-app-import --on-conflict skip my-app ./import
rollback:
  stage: after
  when: manual
  script:
    - oneoff rollback my-app
`,
};
