import type { System } from "./coming-from-types.ts";

export const SWARM: System = {
  name: "docker service and docker stack",
  intro:
    "On a manager, every service is an app: shop_web, shop/web, or web if it is unique. A one-off gets its networks, secrets and configs. What changes a service works for apps that oneoff has deployed; the service of the process type web of my-app is my-app-web.",
  rows: [
    ["docker service ls"],
    ["docker service ps shop_web", "with its one-offs"],
    ["docker service logs -f shop_web", "with its one-offs, without repeated lines after an outage"],
    ["docker service inspect --pretty shop_web", "the settings of one-offs", "oneoff app:info shop_web"],
    [
      "docker service create --restart-condition none --secret key shop:v7 ./job",
      "the secrets and configs of the service; returns the exit code of the command",
      "oneoff run shop_web ./job",
    ],
    [
      "docker service create --name my-app-web --replicas 2 shop:v7",
      "a service for each process type",
      "oneoff deploy --swarm --image shop:v7 my-app",
    ],
    [
      "docker service update --image shop:v8 my-app-web",
      "fails if the update is rolled back",
      "oneoff deploy --swarm --image shop:v8 my-app",
    ],
    ["docker service update --env-add A=1 my-app-web", "env is set in oneoff.yaml", "oneoff deploy --swarm my-app"],
    ["docker service update --force my-app-web", "all services of the app"],
    ["docker service scale my-app-web=3", "later deploys keep it"],
    ["docker service rollback my-app-web", "all services, also to older releases"],
    ["docker service rm my-app-web", "with the releases of the app"],
    ["docker exec -it shop_web.1.x2k sh", "also on another node", "oneoff exec shop_web sh"],
    ["docker stack services shop", "all apps"],
    ["docker stack ps shop", "one service", "oneoff ps shop/web"],
    ["docker stack deploy -c stack.yaml shop", "oneoff reads no stack files", "oneoff deploy --swarm my-app"],
    ["docker stack rm shop", "services of a stack belong to docker stack", "oneoff destroy my-app"],
    ["docker node ls", undefined, "oneoff doctor"],
  ],
};
