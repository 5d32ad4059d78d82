import { SWARM } from "./coming-from-swarm.ts";
import type { System } from "./coming-from-types.ts";

/** By the argument of `oneoff help coming-from`. */
export const SYSTEMS: Readonly<Record<string, System>> = {
  heroku: {
    name: "Heroku",
    intro:
      "oneoff always returns the exit code of the command. Without a TTY, stdout and stderr are separate streams. Arguments keep their quoting.",
    rows: [
      ["heroku run -a my-app rake db:migrate"],
      ["heroku run -a my-app bash"],
      ["heroku run --exit-code -a my-app ./check", "the default"],
      [
        "heroku run --size standard-2x -a my-app ./job",
        "sizes are S, M, L, XL, or sizes of oneoff.yaml",
        "oneoff run --size L my-app ./job",
      ],
      [
        "heroku run --env 'A=1;B=2' -a my-app env",
        "one --env for each variable",
        "oneoff run -e A=1 -e B=2 my-app env",
      ],
      ["heroku run:detached -a my-app ./import", "kept with log and exit code for 24 h after it exits"],
      ["heroku run:inside -a my-app run.7364 bash"],
      ["heroku ps:exec -a my-app bash", "in a web process, or in my-app.TYPE"],
      ["heroku ps -a my-app"],
      ["heroku logs --tail -a my-app --dyno run.7364"],
      ["heroku ps:stop run.7364", "ps:stop stops deployed processes", "oneoff stop run.7364"],
      ["heroku ps:scale web=2 -a my-app"],
      ["heroku ps:restart -a my-app"],
      ["heroku releases -a my-app"],
      ["heroku rollback v7 -a my-app"],
      ["heroku config -a my-app", "prints the settings of one-offs; oneoff.yaml sets variables"],
      ["git push heroku main", "runs release of the Procfile and scripts of app.json", "oneoff deploy my-app ."],
    ],
  },
  dokku: {
    name: "dokku",
    intro:
      "oneoff finds apps of dokku by their containers and copies their settings. Piped stdin reaches the command, values of -e are not split, and a lost connection leaves no container.",
    rows: [
      ["dokku run my-app rake db:migrate"],
      ["dokku --rm run my-app ls -lah", "the default"],
      ["dokku run --env NODE_ENV=development my-app npm test"],
      ["dokku --label=com.example.team=web run my-app ls"],
      ["dokku run --no-tty my-app ls", "not needed when stdin or stdout is a pipe"],
      ["dokku run:detached --ttl-seconds 600 my-app ./import", "prints the ID of the container"],
      ["dokku run:list my-app"],
      ["dokku run:logs --container my-app.run.7364"],
      ["dokku run:stop --container my-app.run.7364"],
      ["dokku run --cron-id nightly --concurrency-policy forbid my-app ./job", "on all machines that share the engine"],
      ["dokku cron:list my-app"],
      ["dokku cron:run my-app k3v9x2qa", "also with the ID of dokku; returns the exit code of the command"],
      ["dokku enter my-app web"],
      ["dokku ps:scale my-app web=2"],
      ["dokku ps:restart my-app"],
      ["dokku ps:rebuild my-app", "builds the working directory; --image deploys an image"],
      ["dokku git:from-image my-app shop:v7"],
      ["dokku git:load-image my-app shop:v7", "reads docker save from stdin"],
      ["dokku app-json:set my-app appjson-path deploy/app.json"],
      ["dokku apps:list"],
    ],
  },
  scalingo: {
    name: "Scalingo",
    intro:
      "The command needs no quotes. Several arguments run without a shell; one argument with shell syntax runs under sh.",
    rows: [
      ["scalingo --app my-app run bash"],
      ["scalingo --app my-app run --env VAR1=VAL1 --env VAR2=VAL2 bash"],
      ["scalingo --app my-app run --file ./dump.tar bash", "also to /tmp/uploads; folders keep their tree"],
      ["scalingo --app my-app run --detached ./import", "also with --file"],
      ["scalingo --app my-app run --size M ./job"],
      ["scalingo --app my-app run --type worker", "the process type is the first argument"],
      ["scalingo --region osc-fr1 --app my-app run ls", "--host or DOCKER_HOST selects the engine"],
      ["scalingo --app my-app ps"],
      [
        "scalingo --app my-app logs --filter one-off-7364",
        "one-offs have the names run.N",
        "oneoff logs --app my-app run.7364",
      ],
      ["scalingo one-off-stop one-off-7364"],
      ["scalingo --app my-app bash"],
    ],
  },
  compose: {
    name: "Docker Compose",
    intro:
      "A service is an app: web, or shop/web if several projects have a service web. oneoff copies the networks and volumes of its container, or reads the Compose file if there is no container. It starts no other services and pulls no images.",
    rows: [
      ["docker compose run --rm web rake db:migrate", "the default"],
      ["docker compose run --rm -T web ./import", "the default when stdin or stdout is a pipe"],
      ["docker compose run --no-deps web ls", "the default"],
      ["docker compose run --build web ls"],
      ["docker compose run -d web ./job"],
      ["docker compose run --entrypoint sh web"],
      ["docker compose run --use-aliases web ls", "not supported: one-offs receive no traffic"],
      ["docker compose run --service-ports web"],
      ["docker compose exec web bash"],
      ["docker compose logs -f web", "with the one-offs of web"],
      ["docker compose ps"],
    ],
  },
  docker: {
    name: "docker run",
    intro:
      "--image runs an image; the app is then only a name. A container is an app by its name, and oneoff copies its settings.",
    rows: [
      ["docker run --rm -it busybox sh", "--image names the image", "oneoff run --image busybox tools sh"],
      [
        "docker run --rm -v ./data:/data busybox ls /data",
        "pulled only with --pull",
        "oneoff run -v ./data:/data --image busybox tools ls /data",
      ],
      ["docker run --network shop --name job my-app ./job"],
      ["docker run --rm --cap-add NET_ADMIN my-app ip a", "add it to the printed docker command"],
      ["docker exec -it my-app bash"],
      ["docker logs -f my-app", "with its one-offs"],
      ["docker ps -a", "lists one-offs only"],
      ["docker stop -t 30 run.7364"],
    ],
  },
  kamal: {
    name: "Kamal",
    intro:
      "The app is an argument: the service, or service/role. oneoff finds its containers by their labels. If oneoff.yaml has exactly one app, the app can be omitted.",
    rows: [
      ["kamal app exec 'bin/rails db:version'"],
      ["kamal app exec -i 'bin/rails console'", "with a TTY at a terminal"],
      ["kamal app exec --reuse 'bin/rails runner Job.run'"],
      ["kamal app logs -f", "with its one-offs"],
      ["kamal rollback v7", undefined, "oneoff rollback my-app v7"],
      ["kamal deploy", undefined, "oneoff deploy my-app ."],
    ],
  },
  swarm: SWARM,
};
