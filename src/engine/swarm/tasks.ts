import type { Transport } from "../transport.ts";
import { task, taskList } from "./answers.ts";
import type { Task } from "./task-types.ts";

/** `service` and `node` are IDs or names. */
export interface TaskFilters {
  readonly service?: readonly string[];
  readonly node?: readonly string[];
  readonly id?: readonly string[];
  readonly "desired-state"?: readonly ("running" | "shutdown" | "accepted")[];
}

/** `GET /tasks`. @throws OneoffError with status 404 for an unknown service, 503 on an engine that is not a manager. */
export async function listTasks(engine: Transport, filters: TaskFilters): Promise<Task[]> {
  const query = { filters: JSON.stringify(filters) };
  return (await engine.send({ method: "GET", path: "/tasks", query })).json<Task[]>(taskList);
}

/** `GET /tasks/{id}`. @throws OneoffError with status 404 after the removal of the service. */
export async function inspectTask(engine: Transport, id: string): Promise<Task> {
  return (await engine.send({ method: "GET", path: `/tasks/${id}` })).json<Task>(task);
}
