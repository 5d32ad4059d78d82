import { inOurs } from "../habits/in-ours.ts";
import type { Topic } from "./topic.ts";

/** Their line; what is different; and ours, where it is not what the same words mean here. */
type Row = readonly [theirs: string, different?: string | undefined, ours?: string];

interface System {
  readonly name: string;
  readonly intro: string;
  readonly rows: readonly Row[];
}

const SYSTEMS: Readonly<Record<string, System>> = {
  heroku: {
    name: "Heroku",
    intro:
      "The exit code is always the command's own, stdout and stderr stay apart without a terminal, and words keep their quotes: what -x, --no-tty and quoting were for.",
    rows: [
      ["heroku run -a my-app rake db:migrate"],
      ["heroku run -a my-app bash"],
      ["heroku run --exit-code -a my-app ./check", "always so"],
      [
        "heroku run --size standard-2x -a my-app ./job",
        "sizes are those of oneoff.yaml, or S, M, L, XL",
        "oneoff run --size L my-app ./job",
      ],
      ["heroku run --env 'A=1;B=2' -a my-app env", "an --env for each", "oneoff run -e A=1 -e B=2 my-app env"],
      ["heroku run:detached -a my-app ./import", "kept for a day after its end, with log and exit code"],
      ["heroku run:inside -a my-app run.7364 bash"],
      ["heroku ps:exec -a my-app bash", "in a process of type web, or my-app.TYPE"],
      ["heroku ps -a my-app"],
      ["heroku logs --tail -a my-app --dyno run.7364"],
      ["heroku ps:stop run.7364", "ps:stop is for an app's processes", "oneoff stop run.7364"],
      ["heroku ps:scale web=2 -a my-app"],
      ["heroku ps:restart -a my-app"],
      ["heroku releases -a my-app"],
      ["heroku rollback v7 -a my-app"],
      ["heroku config -a my-app", "variables are what oneoff.yaml says"],
      ["git push heroku main", "phases: release of the Procfile, and scripts of app.json", "oneoff deploy my-app ."],
    ],
  },
  dokku: {
    name: "dokku",
    intro:
      "Apps that dokku has deployed are found by their containers, and copied as they are. Piped stdin reaches the command, values of -e are never taken apart, and a lost connection leaves nothing behind.",
    rows: [
      ["dokku run my-app rake db:migrate"],
      ["dokku --rm run my-app ls -lah", "always so"],
      ["dokku run --env NODE_ENV=development my-app npm test"],
      ["dokku --label=com.example.team=web run my-app ls"],
      ["dokku run --no-tty my-app ls", "rarely needed: a pipe is no terminal"],
      ["dokku run:detached --ttl-seconds 600 my-app ./import", "it prints the container's id"],
      ["dokku run:list my-app"],
      ["dokku run:logs --container my-app.run.7364"],
      ["dokku run:stop --container my-app.run.7364"],
      [
        "dokku run --cron-id nightly --concurrency-policy forbid my-app ./job",
        "also across machines that share the engine",
      ],
      ["dokku enter my-app web"],
      ["dokku ps:scale my-app web=2"],
      ["dokku ps:restart my-app"],
      ["dokku ps:rebuild my-app", "from the folder, or --image"],
      ["dokku git:from-image my-app shop:v7"],
      ["dokku git:load-image my-app shop:v7", "docker save on stdin"],
      ["dokku app-json:set my-app appjson-path deploy/app.json"],
      ["dokku apps:list"],
    ],
  },
  scalingo: {
    name: "Scalingo",
    intro: "Words need no quotes around them all: several are run as they are, one with shell syntax under sh.",
    rows: [
      ["scalingo --app my-app run bash"],
      ["scalingo --app my-app run --env VAR1=VAL1 --env VAR2=VAL2 bash"],
      ["scalingo --app my-app run --file ./dump.tar bash", "in /tmp/uploads too; a folder stays a tree"],
      ["scalingo --app my-app run --detached ./import", "with --file as well"],
      ["scalingo --app my-app run --size M ./job"],
      ["scalingo --app my-app run --type worker", "a process type is the first word"],
      ["scalingo --region osc-fr1 --app my-app run ls", "the engine is that of --host, or DOCKER_HOST"],
      ["scalingo --app my-app ps"],
      [
        "scalingo --app my-app logs --filter one-off-7364",
        "ours are called run.N",
        "oneoff logs --app my-app run.7364",
      ],
      ["scalingo one-off-stop one-off-7364"],
      ["scalingo --app my-app bash"],
    ],
  },
  compose: {
    name: "Docker Compose",
    intro:
      "A running service is an app: web, or shop/web where several projects have one. It is copied with its networks and volumes; nothing else is started, and nothing pulled.",
    rows: [
      ["docker compose run --rm web rake db:migrate", "always removed"],
      ["docker compose run --rm -T web ./import", "a pipe is no terminal by itself"],
      ["docker compose run --no-deps web ls", "always so"],
      ["docker compose run -d web ./job"],
      ["docker compose run --entrypoint sh web"],
      ["docker compose run --use-aliases web ls", "never: no traffic comes to a one-off"],
      ["docker compose run --service-ports web", "never; add -p to the docker command that it prints"],
      ["docker compose exec web bash"],
      ["docker compose logs -f web", "those of one-offs"],
      ["docker compose ps"],
    ],
  },
  docker: {
    name: "docker run",
    intro:
      "An image alone is no app: --image names it, and the app is then only a name. What runs already is an app by its container's name, and copied.",
    rows: [
      ["docker run --rm -it busybox sh", "the image by --image", "oneoff run --image busybox tools sh"],
      [
        "docker run --rm -v ./data:/data busybox ls /data",
        "never pulled without --pull",
        "oneoff run -v ./data:/data --image busybox tools ls /data",
      ],
      ["docker run --network shop --name job my-app ./job"],
      ["docker run --rm --cap-add NET_ADMIN my-app ip a", "add it to the docker command that this prints"],
      ["docker exec -it my-app bash"],
      ["docker logs -f my-app", "those of its one-offs"],
      ["docker ps -a", "one-offs alone"],
      ["docker stop -t 30 run.7364"],
    ],
  },
  kamal: {
    name: "Kamal",
    intro:
      "The app is a word, since no deploy.yml names it: the service, or service/role, whose containers are found by their labels. Where oneoff.yaml has one app only, it may be left out.",
    rows: [
      ["kamal app exec 'bin/rails db:version'"],
      ["kamal app exec -i 'bin/rails console'", "a terminal, where there is one"],
      ["kamal app exec --reuse 'bin/rails runner Job.run'"],
      ["kamal app logs -f", "those of one-offs"],
      ["kamal rollback v7", undefined, "oneoff rollback my-app v7"],
      ["kamal deploy", undefined, "oneoff deploy my-app ."],
    ],
  },
};

const rowOf = ([theirs, different, ours]: Row) =>
  `${theirs} :: ${ours ?? inOurs(theirs)}${different ? ` (${different})` : ""}`;

const partOf = ({ name, intro, rows }: System): Topic => ({
  about: `What of ${name} is what here`,
  text: () => `\
${intro}

Typed with oneoff in the place of the tool, what has an equal here is done, and the rest is answered with the line to type.

${rows.map(rowOf).join("\n")}
`,
});

const parts = new Map(Object.entries(SYSTEMS).map(([name, system]): [string, Topic] => [name, partOf(system)]));

export const comingFrom: Topic = {
  about: `Their commands and ours: ${[...parts.keys()].join(", ")}`,
  text: () => `\
What people type from habit either works, or is answered with the line to type.

${Array.from(parts, ([name, { about }]) => `oneoff help coming-from ${name} :: ${about}`).join("\n")}
`,
  parts,
};
