import type { Topic } from "./topic.ts";

export const airGapped: Topic = {
  about: "Installation and deploys without network access",
  text: () => `\
oneoff connects to the engine only. It needs no server, registry or docker client, and pulls images only with --pull.

# Install oneoff
The release archive contains the binary, man page, completions, licences and a software bill of materials. Copy the .tar.xz, or the .tar.gz for a machine without xz, with install.sh and SHA256SUMS into one folder:

    sha256sum -c --ignore-missing SHA256SUMS
    sh install.sh                                    unpacks, and installs to /usr/local/bin
    oneoff selftest                                  checks the engine

With both archives in the folder, install.sh uses the one that the machine supports. It also runs from the unpacked archive.

install.sh and selftest need no network. \`install.sh --to ~/.local/bin\` needs no root. selftest creates an image of a few bytes and removes it again.

# Deploy an image archive
    docker save my-app:v7 | gzip > my-app.tar.gz     on the build host
    oneoff deploy --archive my-app.tar.gz my-app     on the target host

Archives may be compressed as .gz, .zst, .xz or .bz2; .xz and .bz2 need the programs xz and bzip2. An archive named - is read from stdin. Procfile and app.json are read from the image's WORKDIR. Image names in the archive are ignored. Tags move only when the new release is live, and only the tags of my-app.

# Move an app to another host
The labels of a release contain its Procfile and app.json, so the image contains the release completely. Variables are in oneoff.yaml: copy that file too.

    docker save oneoff/my-app:latest > my-app.tar    on the old host
    docker load -i my-app.tar                        on the new host
    oneoff run my-app rake db:version

# Build on the target host
    docker load -i base.tar
    oneoff deploy my-app .

The base images of the Dockerfile must exist on the engine. Before the build, oneoff reports missing base images with their lines in the Dockerfile.
`,
};
