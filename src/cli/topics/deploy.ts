import type { Topic } from "./topic.ts";

export const deploy: Topic = {
  about: "Steps, failures, health checks and releases of a deploy",
  text: () => `\
A deploy builds an image, runs the deploy phases of the app, and replaces the running processes without downtime.

    oneoff deploy my-app .
    oneoff deploy --dry-run my-app

--dry-run prints the steps, the command of each step, and the reason why a step is skipped.

# Steps
build :: Builds the Dockerfile with the proxies of docker's config.json. Build secrets and SSH agents are not available. Skipped with --image and --archive.
predeploy :: Runs scripts.dokku.predeploy of app.json and commits its file changes to the image. The image keeps its own variables and command.
release :: Runs release of the Procfile in every deploy.
schedule :: Starts the new processes. They must become healthy, then they replace the old processes. \`drain\` in oneoff.yaml sets the time between the switch and SIGTERM for old processes (default 2s).
postdeploy :: Runs scripts.dokku.postdeploy of app.json in every deploy.
first-postdeploy :: Runs scripts.postdeploy of app.json in the first deploy. It runs again until it succeeds once.

A phase is a one-off with all settings of the app. It runs under bash, or sh if the image has no bash. If the image has an ENTRYPOINT other than tini, the ENTRYPOINT receives the words of the command instead.

--only, --skip and --from select steps. --phase-timeout limits each phase; \`phase-timeout\` in oneoff.yaml limits all or some. \`oneoff run --phase release my-app\` runs a phase again: the phase that failed last, or the phase of the live release.

# Failures
No running process is touched and no tag moves until the new processes are healthy. If a deploy fails, is interrupted or is killed, the old release stays live. The next deploy cleans up what a killed deploy left behind.

- The container of a failed phase is kept, and oneoff prints its name.
- ^C rolls back everything that is not live. If the engine does not respond, the third ^C exits at once, and the next deploy rolls back.
- If postdeploy or first-postdeploy fails, the new release stays live. The next deploy runs all steps again; \`oneoff deploy --from postdeploy my-app\` runs only the remaining steps.

# Health checks
A new process is healthy when it passes the startup checks of its type in app.json (oneoff help app-json). Without startup checks, the HEALTHCHECK of the image decides. Without a HEALTHCHECK, the process must stay up for 10 s.

oneoff prints what it waits for, at a terminal on one line that is removed afterwards. A check that fails once and then succeeds is not reported. If an HTTP check makes the deploy fail, the error contains the beginning of the response, without secrets.

A deploy ends with the addresses of web: the alias in each network, and published ports. The port of an alias is PORT, which the process must listen on.

# Reboots
The restart policy is unless-stopped: the engine starts the processes again, unless \`oneoff ps:stop\` stopped them. Docker Engine does not restart containers that outlive a killed daemon (SIGKILL, out of memory). \`oneoff ps\`, \`oneoff apps\` and \`oneoff doctor\` report such processes; \`oneoff start\` starts them:

    oneoff start my-app

For a host where the processes must run after every boot, this systemd unit runs oneoff start when the host boots and when docker.service restarts. Save it as /etc/systemd/system/oneoff@.service, then run: systemctl enable --now oneoff@my-app

    [Unit]
    Description=Processes of %i
    Documentation=man:oneoff(1)
    Wants=network-online.target
    After=network-online.target docker.service
    PartOf=docker.service

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    User=root
    WorkingDirectory=/srv/%i
    ExecStart=/usr/local/bin/oneoff start --wait %i
    Restart=on-failure
    RestartSec=30

    [Install]
    WantedBy=multi-user.target

- WorkingDirectory is the folder of oneoff.yaml. User is the user who deploys: the home folder has the variables that a deploy has set.
- The unit also starts processes that \`oneoff ps:stop\` stopped. To keep them stopped: systemctl disable oneoff@my-app
- With Podman, replace docker.service by podman.socket.

# Releases
A release is an image such as oneoff/my-app:v7. Its labels contain its Procfile and app.json. The tag oneoff/my-app:latest is the live release. oneoff keeps five releases (--keep-releases).

oneoff releases my-app :: Lists releases.
oneoff rollback my-app v7 :: Rolls back to a release without running its phases.
oneoff scale my-app web=2 :: Sets the number of processes of a type, now and for later deploys.

# Procfile and app.json
oneoff reads both from the build context, or from the image's WORKDIR with --image and --archive. \`oneoff app-json:set my-app appjson-path deploy/app.json\` sets another path for app.json, and \`oneoff app-json:report\` prints it.

# Concurrency
Only one deploy of an app runs at a time; --wait waits for another deploy to finish. If nothing has changed, oneoff deploys nothing; --force deploys again.
`,
};
