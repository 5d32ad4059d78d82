import type { Topic } from "./topic.ts";

export const ciGithub: Topic = {
  about: "A workflow of GitHub Actions",
  asIs: true,
  text: () => `\
# .github/workflows/deploy.yml: deploys my-app with each push to main.
name: deploy
on:
  push:
    branches: [main]
# One at a time, and none is broken off by the next.
concurrency: my-app
jobs:
  deploy:
    # A runner of your own: on the engine's machine, or one that reaches it by DOCKER_HOST=ssh://user@host.
    runs-on: [self-hosted]
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - name: See whether all is well here
        run: oneoff doctor
      - name: Build, run the phases, replace what runs
        # For base images of a registry that asks for a password, add to this step
        #   env: {DOCKER_AUTH_CONFIG: "\${{ secrets.DOCKER_AUTH_CONFIG }}"}
        run: oneoff deploy --pull my-app .
      - name: Test it where it runs
        run: oneoff run --no-tty --timeout 10m my-app ./smoke-test
      - name: Import, unless somebody is at it
        run: |
          code=0
          oneoff run --no-tty --lock my-app-import --on-conflict skip my-app ./import || code=$?
          # 125 is oneoff's own, or the engine's: the command has not failed, it could not be run.
          if [ "$code" = 125 ]; then oneoff doctor || :; fi
          exit "$code"
`,
};
