import type { Topic } from "./topic.ts";

export const oneOffs: Topic = {
  about: "Streams, detaching, files, locks and journal of one-offs",
  text: () => `\
A one-off is a container that runs one command in the environment of an app. oneoff creates it, attaches to it, and exits with the command's exit code.

# Streams, signals and clean-up
- stdout carries only the output of the command, byte for byte. oneoff prints its own messages to stderr.
- --quiet prints errors only, and files that could not be copied.
- A TTY is allocated when stdin and stdout are both terminals. --tty and --no-tty override this.
- Without a TTY, stdout and stderr are separate streams, and the command receives EOF at the end of stdin.
- Signals are forwarded to the command. Without a TTY, a second ^C stops the one-off and a third ^C removes it.
- The engine removes the container when the command exits, even if oneoff is killed with SIGKILL. The next oneoff command cleans up the rest; \`oneoff reap\` does so at once.
- Images are pulled only with --pull.
- Values of environment variables never appear in messages, in generated command lines, or in the journal.
- Secrets in commands are masked in messages and labels. In URLs, these are passwords, and user names without a password that look like tokens. A token has 20 or more characters with a digit, or a known prefix.

# Command
Options of oneoff come before the app. The arguments after the app are the command and are passed on unchanged. An option right after the app is a usage error; with -- before the app it is the command.

- If the first argument is a process type of the Procfile, oneoff runs its command and appends the other arguments.
- A single argument with white space or shell syntax runs under sh -c.
- Several arguments run without a shell.
- Without a command, a terminal session starts bash, or sh if the image has no bash.

If oneoff.yaml has exactly one app, the app can be omitted: \`oneoff run 'ls -l'\`.

# Detached one-offs
    oneoff run -d my-app rake reports:build
    oneoff logs -f my-app
    oneoff attach run.7364
    oneoff wait run.7364

\`oneoff attach my-app\` attaches to the only running one-off of an app. At the start, attach prints to stderr what ^C does and which keys detach.

--retain :: Keeps a detached one-off with its log and exit code after it exits (default 24h).
--timeout :: Stops the one-off after this time (default 24h for detached one-offs). The limit is a label: if oneoff is no longer running, the next oneoff command or \`oneoff reap\` enforces it.
--tail :: Follows the output of a detached one-off; ^C leaves it running.
--on-disconnect :: Action on an attached one-off when its terminal is closed: stop (default), keep or hup.
--detach-keys :: Keys that detach from a terminal session (default ctrl-p,ctrl-q, typed within 150 ms). detachKeys in docker's config.json sets the default.

The log of a detached one-off keeps at least the last 10 MB of output, if lines have 8 bytes or more on average. It uses at most 60 MB of the engine's disk. oneoff reports when a log is full, because its beginning may have been removed. \`run.log\` in oneoff.yaml sets another log driver. json-file replaces bytes that are not UTF-8. Engine 20.10 drops the line feed after a last line of more than 16 KiB. Podman truncates the log when it reaches 60 MB.

# Resource usage
    oneoff ps --watch my-app

Shows CPU, memory and restarts of one-offs and processes every second, as \`docker stats\` computes them: 100% is one CPU, and memory is without the page cache. A memory limit follows the memory. RESTARTS is the number of starts by the restart policy. Podman measures only every 5 s. q or ^C quits.

# Files
    oneoff run --file ./dump.tar my-app bash
    oneoff run --fetch /app/report.csv my-app ./report
    oneoff run --secret TOKEN my-app ./sync
    oneoff cp run.7364:/app/out.csv .

--file :: Uploads a file or folder to /tmp/uploads before the command starts. Uploads belong to the user of the one-off and keep their modes and times. Another target follows the rules of \`docker cp\`: its parent folder must exist, and symlinks are followed. Volumes are used where a read-only root or a tmpfs prevents the upload.
--fetch :: Downloads a file or folder after the command exits, even if the command fails. Existing files are overwritten only with --force. Archives cannot write outside the target. The path and size of what was written are printed to stderr.
--secret :: Mounts an environment variable (NAME) or a file (NAME=@FILE) as /run/secrets/NAME. The file is in a volume of its own and in no image layer. oneoff and the engine remove the volume with the container.

\`oneoff cp\` keeps a target that is a symlink and writes to the file it points to. Links inside a folder are replaced.

\`docker rm\` without -v leaves the volume of a secret. The next oneoff command removes it; \`oneoff reap\` does so at once. Podman does not label the volume: use \`podman rm -v\`.

# Container options
    oneoff run -p 127.0.0.1::9229 my-app node --inspect=0.0.0.0:9229 job.js
    oneoff run --cap-drop ALL --read-only --tmpfs /run my-app ./untrusted

Container options have the names and values of \`docker run\`. Most of them are also keys of \`run\` in oneoff.yaml. Options take precedence over oneoff.yaml, and oneoff.yaml over the copied container.

--publish :: Publishes a port; oneoff prints its address when the one-off has started. Ports of the app are published only with --service-ports.
--add-host, --device, --group-add, --security-opt, --tmpfs, --ulimit :: Are added to what the container has. A value for the same host, path, option or limit replaces the value of the container.
--cap-add, --cap-drop :: Are added as well. Dropping a capability removes it from those that the container adds, and vice versa.
--dns, --gpus :: Replace the values of the container, because the first DNS server answers.
--log-opt :: Is added to \`run.log\`; with --log-driver it replaces \`run.log\`.
--platform :: Requires an image of this platform; with --pull it is pulled.
--security-opt seccomp=FILE :: Reads the profile on this machine, as docker does; Podman reads it on its own host. In oneoff.yaml, the path is relative to the file.

# Locks
    oneoff run --lock nightly --on-conflict skip my-app ./nightly

Only one one-off at a time holds a lock, across all machines that share the engine. The lock is released when its one-off exits, even if oneoff was killed. \`oneoff locks\` lists locks; \`oneoff unlock\` releases one.

# Journal
oneoff records one-offs as NDJSON below $XDG_STATE_HOME/oneoff/journal, one file per engine and app, without values of variables. \`oneoff logs\` and \`oneoff ps --all\` show it, and \`oneoff wait\` reads exit codes from it. Nothing else depends on the journal.
`,
};
