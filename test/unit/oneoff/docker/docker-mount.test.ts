import { expect, test } from "vitest";
import { formatMount } from "../../../../src/oneoff/docker/docker-mount.ts";

test.each<[mount: Parameters<typeof formatMount>[0], value: string]>([
  [{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: false }, "type=bind,source=/a,target=/b"],
  [{ Type: "volume", Target: "/b", ReadOnly: true }, "type=volume,target=/b,readonly"],
  [
    { Type: "bind", Source: "/a", Target: "/b", BindOptions: { Propagation: "rslave", NonRecursive: true } },
    "type=bind,source=/a,target=/b,bind-propagation=rslave,bind-recursive=disabled",
  ],
  [
    { Type: "bind", Source: "/a", Target: "/b", ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    "type=bind,source=/a,target=/b,readonly,bind-recursive=writable",
  ],
  [
    {
      ...{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: true },
      BindOptions: { Propagation: "rprivate", ReadOnlyForceRecursive: true },
    },
    "type=bind,source=/a,target=/b,readonly,bind-propagation=rprivate,bind-recursive=readonly",
  ],
  [
    {
      ...{ Type: "volume", Source: "v", Target: "/b" },
      VolumeOptions: {
        ...{ NoCopy: true, Subpath: "x/y", Labels: { a: "b", c: "" } },
        DriverConfig: { Name: "local", Options: { o: "size=1m,uid=1", type: "tmpfs" } },
      },
    },
    'type=volume,source=v,target=/b,volume-nocopy,volume-subpath=x/y,volume-label=a=b,volume-label=c=,volume-driver=local,"volume-opt=o=size=1m,uid=1",volume-opt=type=tmpfs',
  ],
  [
    { Type: "tmpfs", Target: "/b", TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o1777 } },
    "type=tmpfs,target=/b,tmpfs-size=1048576,tmpfs-mode=1777",
  ],
  // As the engine returns settings that are not set.
  [
    {
      ...{ Type: "volume", Source: "v", Target: "/b" },
      VolumeOptions: { Labels: null, DriverConfig: { Options: null } },
      TmpfsOptions: { SizeBytes: 0, Mode: 0 },
      BindOptions: {},
    },
    "type=volume,source=v,target=/b",
  ],
  [{ Type: "bind", Source: '/a,"b', Target: "/c d" }, 'type=bind,"source=/a,""b",target=/c d'],
])("formats %j", (mount, value) => expect(formatMount(mount)).toBe(value));
