import type { Topic } from "./topic.ts";

export const logs: Topic = {
  about: "Logs of apps: selection, order, following, JSON",
  text: () => `\
\`oneoff logs my-app\` prints what the processes and one-offs of an app write, as one stream in the order of time. Each line begins with the name of its process or one-off. Lines with the prefix oneoff report when one-offs start and exit.

    oneoff logs -f my-app
    oneoff logs my-app web
    oneoff logs my-app.web.1
    oneoff logs my-app run

The app can be deployed by oneoff, dokku, Docker Compose, Kamal or Swarm. A process type, a process such as web.1, or run for one-offs narrows the log. \`oneoff logs run.7364\` prints the log of one one-off, with times and without prefixes.

# Selection
--num :: Number of lines to show from the end (default 100). all shows everything. With --since, the default is all.
--since, --until :: Shows only lines from this time on, or up to it: a duration before now, or a time in ISO 8601, in the local time zone by default. With --follow, --until ends at a time in the future.
--grep :: Shows only output that matches a JavaScript regular expression, e.g. 'ERROR|WARN' or '(?i:timeout)'. It is matched against the text without prefix and colours. --num selects from the lines that match. Other lines of oneoff are left out.
--timestamps :: Prints the time of each line.

With a number of lines, oneoff holds that many lines in memory. Otherwise it holds only the next lines of each process.

# Order
Lines are ordered by the engine's times. Lines of one process always keep their order. While following, a new line has the time at which oneoff reads it, and lines that are read within 100 ms are ordered by time. Lines wait up to 2 s for a process that has joined and whose earlier output is still being read. oneoff holds at most 1 MB of each process.

# Following
--follow continues until Ctrl-C. New processes join, and old ones leave, each with a line on stderr. A process keeps its name when a deploy renames its container. Every line is printed once, also when a log rotates, a container restarts, a connection is cut, or the engine restarts within a minute.

If the reader of the output pauses, e.g. a pager, processes are not blocked for more than 3 s: oneoff reads what it missed from their logs. One-offs wait for the reader.

If a log cannot be read, e.g. with the log driver none, oneoff reports it once and prints the other logs. With --follow it prints the new output of such a process, too.

# Swarm
On a manager, the log of a service has the tasks of all nodes, e.g. shop_web.2 (oneoff help swarm). Each line has the time of its node, so the order is as exact as the clocks of the nodes. While following, tasks join and leave up to a second later than they start and exit.

oneoff reports each task whose log is missing because its node is down, or has not responded for 10 s. With --follow it continues where it stopped when the node returns, and repeats nothing.

# JSON
--format json prints one object per line. Every field is present; a field without a value is null. New versions may add fields, and keep existing ones.

time :: string: ISO 8601, UTC
app :: string: app name, e.g. my-app or shop/web
name :: string: name of the process or one-off, e.g. web.1 or run.7364
containerId :: string: ID of the container
source :: string: app for output, oneoff for events of one-offs
stream :: string or null: stdout or stderr
event :: string or null: starting, state-changed, stopping or exited
message :: string: the line, without its line feed
`,
};
