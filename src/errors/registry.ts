import { OneoffError } from "./error.ts";

const isDenied = (reason: string) => /denied|unauthorized|authentication|no basic auth/i.test(reason);

const loginTo = (server: string | undefined) => `docker login${server ? ` ${server}` : ""}`;

/**
 * @param server the registry, unless it is docker.io. @param without why configured credentials were not used.
 */
export const pullFailed = (image: string, reason: string, server?: string, without?: OneoffError) => {
  const next = isDenied(reason) ? loginTo(server) : "load it from a file: docker load -i image.tar";
  return new OneoffError(
    "pull-failed",
    [`Cannot pull ${image}: ${reason}`, ...(without ? [`tried without credentials: ${without.message}`] : [])],
    { next: without ? without.next : next },
  );
};

/** @param server the registry, unless it is docker.io. @param without why configured credentials were not used. */
export const pushFailed = (image: string, reason: string, server?: string, without?: OneoffError) => {
  const next = isDenied(reason) ? loginTo(server) : "check the registry, then deploy again";
  return new OneoffError(
    "push-failed",
    [`Cannot push ${image}: ${reason}`, ...(without ? [`tried without credentials: ${without.message}`] : [])],
    { next: without ? without.next : next },
  );
};
