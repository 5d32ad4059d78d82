/** The result of a container's HEALTHCHECK. */
export interface Health {
  Status: "none" | "starting" | "healthy" | "unhealthy";
  /** Failures in a row after the start period. */
  FailingStreak?: number;
  Log?: readonly { Output: string }[] | null;
}
