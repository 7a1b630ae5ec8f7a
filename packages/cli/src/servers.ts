/** Which servers run on a spool: each partition that is held, and what its process says of itself. */
import { askControl, controlPath } from "@mailkit/runtime";
import { listPartitions } from "@mailkit/spool";

export interface RunningServer {
  readonly partition: string;
  readonly socket: string;
  /** Undefined when it does not answer (another user's). */
  readonly pid: number | undefined;
  readonly messages: number | undefined;
}

export async function runningServers(spool: string): Promise<readonly RunningServer[]> {
  const held = listPartitions(spool).filter((partition) => partition.held);
  return Promise.all(
    held.map(async ({ name, directory }) => {
      const status = (await askControl(directory, { op: "status" }).catch(() => ({}))) as { pid?: number; messages?: number };
      return { partition: name, socket: controlPath(directory), pid: status.pid, messages: status.messages };
    }),
  );
}
