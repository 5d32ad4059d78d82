import type { Topic } from "./topic.ts";

export const deploy: Topic = {
  about: "What a deploy does, step by step, and what happens when it fails",
  text: () => `\
    oneoff deploy my-app .
    oneoff deploy --dry-run my-app

--dry-run shows the steps, what each would run, and why some are skipped.

# The steps, in their order
build :: the Dockerfile of the folder, with the proxies of docker's config.json, and without secrets and SSH agents; skipped for --image and --archive
predeploy :: scripts.dokku.predeploy of app.json. What it changes in the file system is kept in the image, and nothing else of it: neither its variables nor its command
release :: release of the Procfile, on every deploy
schedule :: the new processes are started beside the old, have to be well, and take their place
postdeploy :: scripts.dokku.postdeploy of app.json, on every deploy
first-postdeploy :: scripts.postdeploy of app.json, once in an app's life: after it has succeeded it is not run again

Each phase is a one-off with all that the app has: \`oneoff run --phase release my-app\` runs one again: as it has failed last, else that of what is live. It runs under bash, or sh where there is none; where the image has an ENTRYPOINT, its words are given to that as they are, except for tini. --only, --skip and --from choose among the steps, --phase-timeout bounds each phase, \`phase-timeout\` of oneoff.yaml all or some.

# When it fails
Until the new processes are well nothing that runs is touched and no tag moves. A deploy that fails, is ended by a signal, or is killed leaves the old release serving, and the next one needs no repair by hand. The container of a phase that has failed is kept, and named. ^C takes back what is not live yet; the third one leaves at once, for an engine that does not answer, and the next deploy takes it back.

When one of the last two phases fails the new release is live all the same. The next deploy does all of it again; \`oneoff deploy --from postdeploy my-app\` only what is left.

# When a process is well
It passes the startup checks that healthchecks of app.json has for its type; else the HEALTHCHECK of the image; else it stays up for 10 s.

# After a reboot
The engine starts the processes again, unless \`oneoff ps:stop\` has stopped them: their restart policy is unless-stopped. Docker Engine takes containers that outlive a killed daemon (SIGKILL, out of memory) for stopped ones, too, and leaves them down. \`oneoff ps\`, \`oneoff apps\` and \`oneoff doctor\` show it.

    oneoff start my-app

# Releases
A release is an image, oneoff/my-app:v7, whose labels carry its Procfile and app.json. oneoff/my-app:latest is the one that is live. Five are kept (--keep-releases).

oneoff releases my-app :: what there is to roll back to
oneoff rollback my-app v7 :: puts it in the place of what runs, without its phases
oneoff scale my-app web=2 :: how many processes of each type there are, now and with each deploy

# Procfile and app.json
Those of the folder that is built, or of the image's WORKDIR with --image and --archive. \`oneoff app-json:set my-app appjson-path deploy/app.json\` looks for app.json elsewhere, and \`oneoff app-json:report\` shows where.

Only one deploy of an app runs at a time; --wait waits for another to end. What is live already is not deployed again without --force.
`,
};
