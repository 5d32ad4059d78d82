import { boolean, listOf, mapOf, moment, number, object, optional, type Shape, seconds, text } from "./shapes.ts";
import { swarmPart } from "./swarm/answers.ts";

/**
 * Validates answers of the engine, so that no other code has to: only fields that oneoff reads. Fields that an engine
 * may omit are optional; fields that oneoff cannot work without are required.
 */
const texts = optional(listOf(text));
const labels = optional(mapOf(text));

export const containerList: Shape = listOf(
  object({
    Id: text,
    Names: texts,
    Image: optional(text),
    ImageID: optional(text),
    Labels: labels,
    State: optional(text),
    Status: optional(text),
    Command: optional(text),
    Created: optional(seconds),
    Ports: optional(
      listOf(
        object({
          IP: optional(text),
          PrivatePort: optional(number),
          PublicPort: optional(number),
          Type: optional(text),
        }),
      ),
    ),
  }),
);

export const containerDetails: Shape = object({
  Id: optional(text),
  Name: optional(text),
  Image: optional(text),
  Created: optional(moment),
  State: optional(
    object({
      Status: optional(text),
      Running: optional(boolean),
      OOMKilled: optional(boolean),
      StartedAt: optional(moment),
      FinishedAt: optional(moment),
      ExitCode: optional(number),
      Health: optional(
        object({
          Status: optional(text),
          FailingStreak: optional(number),
          Log: optional(listOf(object({ Output: optional(text) }))),
        }),
      ),
    }),
  ),
  Config: optional(
    object({
      ...{ Hostname: optional(text), User: optional(text), WorkingDir: optional(text), Labels: labels },
      ...{ Tty: optional(boolean), OpenStdin: optional(boolean), StopTimeout: optional(number) },
      ...{ Env: texts, Entrypoint: texts, Cmd: texts },
    }),
  ),
  HostConfig: optional(
    object({
      ...{ NetworkMode: optional(text), PidMode: optional(text), IpcMode: optional(text), UTSMode: optional(text) },
      LogConfig: optional(object({ Type: optional(text) })),
      Binds: texts,
      Mounts: optional(listOf(object({ Target: text }))),
      Ulimits: optional(listOf(object({ Name: text }))),
    }),
  ),
  Mounts: optional(listOf(object({ Type: text, Destination: text, Source: optional(text), Name: optional(text) }))),
  NetworkSettings: optional(
    object({
      Networks: optional(
        mapOf(optional(object({ IPAddress: optional(text), Gateway: optional(text), Aliases: texts }))),
      ),
    }),
  ),
});

export const created: Shape = object({ Id: text, Warnings: texts });

export const waitResult: Shape = object({
  StatusCode: number,
  Error: optional(object({ Message: optional(text) })),
});

export const imageList: Shape = listOf(
  object({ Id: text, RepoTags: texts, Labels: labels, Created: optional(seconds) }),
);

export const imageDetails: Shape = object({
  Id: text,
  Created: optional(text),
  ...{ RepoTags: texts, RepoDigests: texts },
  Config: optional(
    object({
      ...{ Env: texts, Entrypoint: texts, Cmd: texts, Labels: labels },
      ...{ WorkingDir: optional(text), User: optional(text) },
      Healthcheck: optional(object({ Test: texts })),
    }),
  ),
  RootFS: optional(object({ Layers: texts })),
});

export const historyRows: Shape = listOf(object({ CreatedBy: optional(text), Size: optional(number) }));

export const execCreated: Shape = object({ Id: text });

export const execDetails: Shape = object({
  Running: optional(boolean),
  ExitCode: optional(number),
  Pid: optional(number),
});

export const volumeList: Shape = object({ Volumes: optional(listOf(object({ Name: text, Labels: labels }))) });

const network = object({ Name: text, Driver: optional(text), Scope: optional(text) });

export const networkList: Shape = listOf(network);

export const networkDetails: Shape = object({
  Id: text,
  Name: text,
  Driver: optional(text),
  Attachable: optional(boolean),
});

export const version: Shape = object({
  ...{ Version: optional(text), ApiVersion: optional(text), MinAPIVersion: optional(text) },
  ...{ Os: optional(text), Arch: optional(text) },
  Components: optional(listOf(object({ Name: text, Version: optional(text) }))),
});

export const info: Shape = object({
  ...{ Name: optional(text), OperatingSystem: optional(text), Driver: optional(text), DockerRootDir: optional(text) },
  ...{ InitBinary: optional(text), SystemTime: optional(text), CgroupVersion: optional(text) },
  ...{ HttpProxy: optional(text), HttpsProxy: optional(text), MemoryLimit: optional(boolean) },
  ...{ Containers: optional(number), ContainersRunning: optional(number), SecurityOptions: texts },
  DriverStatus: optional(listOf(texts)),
  Plugins: optional(object({ Log: texts })),
  InitCommit: optional(object({ ID: optional(text) })),
  Swarm: swarmPart,
});

const cpu = optional(
  object({
    cpu_usage: optional(object({ total_usage: optional(number), percpu_usage: optional(listOf(number)) })),
    ...{ system_cpu_usage: optional(number), online_cpus: optional(number) },
  }),
);

export const containerStats: Shape = object({
  ...{ cpu_stats: cpu, precpu_stats: cpu },
  memory_stats: optional(object({ usage: optional(number), stats: optional(mapOf(number)) })),
});

const progressLine: Shape = object({
  ...{ id: optional(text), status: optional(text), stream: optional(text), error: optional(text) },
  progressDetail: optional(object({ current: optional(number), total: optional(number), units: optional(text) })),
  errorDetail: optional(object({ code: optional(number) })),
});

export const event: Shape = object({
  Action: text,
  Actor: object({ ID: text, Attributes: labels }),
  timeNano: optional(number),
});

/** The problem of a progress line of a pull, build or load. */
export const lineProblem = (line: object) => progressLine(line, "");
