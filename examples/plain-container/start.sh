#!/bin/sh
# Any container is an app by its name.
docker run --detach --name greeter --env GREETING=hello --volume greeter-data:/data --memory 64m \
  busybox:1.37 sh -c 'echo started >/data/state; exec tail -f /dev/null'
