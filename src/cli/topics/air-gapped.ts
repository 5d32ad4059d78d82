import type { Topic } from "./topic.ts";

export const airGapped: Topic = {
  about: "On a host without a network: bring everything as files",
  text: () => `\
oneoff talks to the engine's socket and to nothing else: no server, no registry, no docker client. Nothing is pulled unless --pull says so, and no command looks anything up elsewhere.

# Bring oneoff
An archive has all of it: the binary, man page, completions, licences, and a list of what is in it. SHA256SUMS says whether it came whole:

    sha256sum -c --ignore-missing SHA256SUMS
    tar -xzf oneoff-0.1.0-linux-x64.tar.gz
    sh oneoff-0.1.0-linux-x64/install.sh             to /usr/local/bin; --to ~/.local/bin needs no root
    oneoff selftest                                  does it work with this engine? without any image

install.sh never looks anything up. Nor does selftest: it makes an image of a few bytes, and takes it away again.

# Bring an image, and deploy it
    docker save my-app:v7 | gzip > my-app.tar.gz     where it was built
    oneoff deploy --archive my-app.tar.gz my-app     where it is to run

.gz, .xz, .bz2 and .zst are read (.xz and .bz2 with the programs xz and bzip2), and - is stdin. Procfile and app.json are read from the image's WORKDIR. Names in the archive are ignored: no tag of the engine moves until the new release is live, and then only those of my-app.

# Bring a whole app from another host
A release carries its Procfile and app.json in its labels. As an image, it moves whole; its variables do not, which are in oneoff.yaml: take that along.

    docker save oneoff/my-app:latest > my-app.tar    there
    docker load -i my-app.tar                        here
    oneoff run my-app rake db:version

# Build there
    docker load -i base.tar
    oneoff deploy my-app .

Images that a Dockerfile begins with have to be there: those that are missing are named, with their lines, before anything is built.
`,
};
