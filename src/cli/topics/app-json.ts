import { appJsonKeys, formationKeys, variableKeys } from "../../app/app-json.ts";
import { healthcheckKeys } from "../../app/healthchecks.ts";
import { keyRows } from "./key-rows.ts";
import type { Topic } from "./topic.ts";

/** Generated from the tables that the parser reads app.json with. */
export const appJson: Topic = {
  about: "Reference of app.json: phases, variables, checks, tasks",
  text: () => `\
app.json declares deploy phases, environment variables, processes, health checks and scheduled tasks of an app. \`oneoff deploy\` reads it from the build context. With --image and --archive, it reads app.json from the image's WORKDIR.

    {
      "scripts": {
        "dokku": { "predeploy": "bin/assets", "postdeploy": "bin/notify" },
        "postdeploy": "bin/seed"
      },
      "env": {
        "RAILS_ENV": "production",
        "SECRET_KEY": { "description": "Signs cookies", "generator": "secret" }
      },
      "formation": { "web": { "quantity": 2, "size": "L", "max_parallel": 1 } },
      "healthchecks": {
        "web": [
          {
            "type": "startup", "name": "web", "path": "/health",
            "scheme": "https", "port": 8443, "content": "ok",
            "httpHeaders": [{ "name": "X-Forwarded-Proto", "value": "https" }],
            "attempts": 5, "timeout": 10, "wait": 2, "initialDelay": 1
          },
          { "listening": true, "warn": true }
        ],
        "worker": [{ "command": ["bin/check"] }, { "uptime": 20 }]
      }
    }

Comments and trailing commas are allowed. oneoff ignores other keys, and keys whose value is null.

# Location
\`app-json\` in oneoff.yaml sets the path of the file. \`oneoff app-json:set my-app appjson-path deploy/app.json\` sets a path relative to the build context or WORKDIR. \`oneoff app-json:report\` prints the paths in use.

# scripts
${keyRows({ scripts: appJsonKeys.scripts }).join("\n")}

A deploy phase is a one-off with the new image. \`oneoff help deploy\` describes the order of the phases.

# env
Each key is the name of a variable. Its value is a string, or an object with these keys:

${keyRows(variableKeys).join("\n")}

A deploy stores these values in $XDG_CONFIG_HOME/oneoff/env and keeps them in later deploys, unless \`sync\` is true. env and env-file of oneoff.yaml take precedence.

# formation
Each key is a process type, with an object of these keys:

${keyRows(formationKeys).join("\n")}

\`oneoff scale\` takes precedence over \`formation\` of oneoff.yaml, which takes precedence over app.json.

# cron
A list of tasks that run on a schedule. \`oneoff help cron\` describes their keys.

# healthchecks
Each key is a process type, with a list of health checks. A check has one of path, command, listening and uptime. A process is healthy when all its startup checks have passed.

${keyRows(healthcheckKeys).join("\n")}

oneoff checks path and listening inside the container, path with curl or wget. BusyBox wget prints no body of an error; nc requests it again. If the image has no such program, oneoff connects to the container's address. A value of 0, false or "" is ignored.
`,
};
