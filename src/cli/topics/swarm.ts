import type { Topic } from "./topic.ts";

export const swarm: Topic = {
  about: "Services as apps, one-offs on other nodes, deploys to a Swarm",
  text: () => `\
The manager of a Swarm answers at the same socket as one engine. There, every service is an app, wherever its tasks run.

    oneoff run shop_web rake db:migrate
    oneoff deploy --swarm my-app .

# Services
shop_web, shop/web, web :: The name of a service, STACK/SERVICE, or the name without its stack if it is unique. swarm:shop_web always names the service.
oneoff ps shop_web :: Lists tasks and one-offs with slot, node, state, age and error.
oneoff logs -f shop_web :: Follows the tasks of all nodes in one stream.
oneoff exec shop_web ps :: Runs a command in a task; --task and --node select one.
oneoff attach, wait, stop, cp run.7364 :: Act on a one-off on any node. If the engine of the node is not known, stop and wait use the manager; other commands print the line to run.
oneoff doctor :: Prints the role of the engine, and the managers and nodes of its Swarm.

A one-off gets what the next task of the service would get, with its secrets and configs; --print shows it. A worker knows only its own tasks, so use a manager.

# Nodes
oneoff chooses one of three ways and prints it to stderr:

on this node :: An ordinary container if the app needs attachable networks only. Otherwise a service with one task, the holder, brings networks, secrets and configs to the node. The one-off shares its network.
on another node :: The same through the engine of that node. Its address is in \`hosts\` of oneoff.yaml, in a docker context with the name of the node, or in the node label dev.oneoff.host=ssh://user@host. --node selects a node.
as a service task :: With --detach or --anywhere, or if no engine of a suitable node can be reached. Output and exit code are complete, but a task has no stdin and no TTY.

If no node is suitable, oneoff gives up after 30 s (--start-timeout) and prints the reason. A node that lacks the image pulls it, as for any task, unless --pull=never is given. If a node is lost, the command may still run there: oneoff reports an unknown outcome, removes nothing, and repeats nothing. A drain stops one-offs.

--lock of a service's one-off applies to all services and nodes of the Swarm: the lock is a config, and its time is the manager's. It is held while the service task or the container exists, also when oneoff was killed. A lock of an owner on another machine, without either, is taken over after an hour of silence. Apps that are no services have locks of their own, on their engine.

\`oneoff reap\` on a manager also stops and removes service tasks: after --timeout and --retain, and when oneoff has exited. It removes the service beside a one-off that has exited, if it is on this node or the engine of its node can be reached. If its client was on another machine, an hour has to pass. A run of a service does the same in passing, on its node. Containers on another node are reaped at its engine.

# Deploys
\`swarm: true\` in oneoff.yaml, or --swarm, deploys each process type as a service, e.g. my-app-web. A deploy is described in oneoff help deploy; these parts differ:

image :: Pushed to the registry in its name, or to --push NAME, and pinned by digest. Without a registry, it is loaded through the engine of every node and named by its ID.
phases :: Run once, on this node, with networks, secrets and configs of the app. predeploy runs before the push.
schedule :: Each service is updated start-first and rolls back if a task fails. oneoff follows every update to its end, and restores all services after a failure. The health check of app.json runs inside the task. Without one, an outage is possible if a new task fails. \`drain\` is not used.
release :: A config of the Swarm stores each release. A second machine with access to a manager has the same releases, scale and locks.
processes.publish :: Published by the routing mesh on all nodes. With \`endpoint-mode: dnsrr\` there is none: the port is published on each node of a task, and updates stop the old task first.
secrets, configs :: Files in every process and one-off of the app. Create them with docker secret create and docker config create.
scale, start, ps:stop :: Change the number of tasks; other settings stay. A change that fails is undone.
restart :: Replaces all tasks, with the settings of the last deploy.
rollback :: Restores the services that an older release has recorded, with the present scale.

Services that oneoff did not deploy are never changed: oneoff prints the docker command. Only deploy --force replaces a service of a stack.
`,
};
