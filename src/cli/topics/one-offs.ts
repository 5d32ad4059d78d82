import type { Topic } from "./topic.ts";

export const oneOffs: Topic = {
  about: "The life of a one-off: detached ones, files, locks, deadlines, the journal",
  text: () => `\
# What run promises
- stdout belongs to the command and comes byte for byte, to the last one, also through a slow reader. oneoff talks on stderr, and --quiet silences all but errors and what could not be copied.
- There is a terminal exactly when stdin and stdout both are one; --tty and --no-tty override that. Without one stdout and stderr stay apart, and stdin has a true end.
- Every signal that can be passed on is. Without a terminal a second ^C stops the one-off, and a third removes it.
- The engine itself removes the container when its command ends, even if oneoff is killed with -9. What a killed oneoff could not undo, the next one does in passing, and \`oneoff reap\` at once.
- Nothing is pulled, unless --pull says so.
- Values of variables never appear in what oneoff prints, on a command line that it builds, or in its journal; commands are shown and labelled with what looks like a secret masked. In a URL, that is a password, and a user without one that is 20 characters or longer with a digit, or begins as an issuer's tokens do.

# The words of the command
Our options end at the app; what follows is the command's, byte for byte. A first word that is a process type of the app's Procfile is replaced by its command, and further words are appended. One word with white space or shell syntax runs under sh -c; several words are run as they are, without a shell. No command at a terminal opens bash, or sh.

Where oneoff.yaml has one app only, it may be left out: \`oneoff run 'ls -l'\`.

# Detached ones
    oneoff run -d my-app rake reports:build
    oneoff logs -f my-app
    oneoff attach run.7364
    oneoff wait run.7364

A detached one-off keeps the last 10 MB of its output at least, byte for byte, where lines have 8 bytes or more on average. Its log takes at most 60 MB of the engine's disk; oneoff reports a log that is full, whose beginning may have been removed. Engine 20.10 drops the line feed of a very last line that is longer than 16 KiB, and Podman begins its log again when that has 60 MB. run.log of oneoff.yaml sets another log driver; json-file replaces bytes that are not UTF-8. A detached one-off is kept for 24 h after its end (--retain), may run for 24 h (--timeout), and can be followed at once (--tail; ^C then leaves it running). --timeout also holds when oneoff has gone: it is a label, which every later command enforces in passing, and \`oneoff reap\` on demand. --on-disconnect stop, keep or hup says what becomes of an attached one when its terminal has gone; it is stopped otherwise. A terminal session is left by ctrl-p,ctrl-q, typed within 150 ms: --detach-keys, or detachKeys of docker's config.json, sets other keys.

# Files
    oneoff run --file ./dump.tar my-app bash
    oneoff run --fetch /app/report.csv my-app ./report
    oneoff run --secret TOKEN my-app ./sync
    oneoff cp run.7364:/app/out.csv .

What --file uploads is in /tmp/uploads before the command starts; folders keep their tree. A target outside of it is written as docker cp writes it: into a folder that exists, through a symlink, and only where its parent folder exists. It belongs to the one-off's user, with modes and times, and goes by volumes where a read-only root or a tmpfs is in the way. --fetch brings files here after the end, also when the command has failed; it never overwrites without --force, and an archive cannot write outside its target. A target that is a symlink stays, and cp writes what it leads to; links inside a tree are replaced. A --secret is taken from our environment, or from a file with =@FILE, and is a file in /run/secrets: a volume of its own, which is in no layer and is removed with the container by oneoff and by the engine. After \`docker rm\` without -v the next oneoff removes it in passing, and \`oneoff reap\` at once; Podman does not label it, so that \`podman rm\` needs -v.

# Locks
    oneoff run --lock nightly --on-conflict skip my-app ./nightly

Only one at a time has a lock, on whatever machine that shares the engine. A lock ends with the one-off that has it, whatever becomes of oneoff; \`oneoff locks\` lists them, \`oneoff unlock\` takes one away.

# The journal
What was run is in NDJSON below $XDG_STATE_HOME/oneoff/journal, a file an engine and app, without values of variables. \`oneoff logs\` and \`oneoff ps --all\` show it, \`oneoff wait\` exits with its codes, and losing it loses nothing else.
`,
};
