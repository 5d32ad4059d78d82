import type { Topic } from "./topic.ts";

export const ciGitlab: Topic = {
  about: "Pipeline for GitLab CI",
  asIs: true,
  text: () => `\
# .gitlab-ci.yml: deploys my-app on every push to the default branch.
stages: [deploy, after]
default:
  # A shell runner on the engine's host, or with DOCKER_HOST=ssh://user@host.
  tags: [engine]
  timeout: 30 minutes
workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
deploy:
  stage: deploy
  # Runs one deploy at a time.
  resource_group: my-app
  script:
    - oneoff doctor
    # For a private registry, set DOCKER_AUTH_CONFIG as a masked variable of the project.
    - oneoff deploy --pull my-app .
smoke-test:
  stage: after
  script:
    - oneoff run --no-tty --timeout 10m my-app ./smoke-test
import:
  stage: after
  # 125: oneoff or the engine failed, and the command did not run to its end.
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
