import type { Topic } from "./topic.ts";

export const ciGithub: Topic = {
  about: "Workflow for GitHub Actions",
  asIs: true,
  text: () => `\
# .github/workflows/deploy.yml: deploys my-app on every push to main.
name: deploy
on:
  push:
    branches: [main]
# Runs one deploy at a time and cancels none.
concurrency: my-app
jobs:
  deploy:
    # A self-hosted runner on the engine's host, or with DOCKER_HOST=ssh://user@host.
    runs-on: [self-hosted]
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - name: Check the engine
        run: oneoff doctor
      - name: Deploy
        # For base images in a private registry, add to this step:
        #   env: {DOCKER_AUTH_CONFIG: "\${{ secrets.DOCKER_AUTH_CONFIG }}"}
        run: oneoff deploy --pull my-app .
      - name: Run smoke tests
        run: oneoff run --no-tty --timeout 10m my-app ./smoke-test
      - name: Run the import, unless it is running
        run: |
          code=0
          oneoff run --no-tty --lock my-app-import --on-conflict skip my-app ./import || code=$?
          # 125: oneoff or the engine failed, and the command did not run to its end.
          if [ "$code" = 125 ]; then oneoff doctor || :; fi
          exit "$code"
`,
};
