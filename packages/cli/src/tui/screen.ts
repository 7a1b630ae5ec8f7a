/** `mailkit log` on a terminal: the screen, wired to the logs and the queue. ink is loaded here and nowhere else. */
import { queueAccess } from "@mailkit/runtime";
import type { Engine } from "@mailkit/runtime";
import type { LogStream } from "@mailkit/logs";
import { timeOfMessageId } from "@mailkit/message";
import { render } from "ink";
import { createElement } from "react";
import type { CommandContext } from "../command.ts";
import type { LogFilter } from "../logs/filter.ts";
import { gatherLives } from "../logs/gather.ts";
import { lifeLines } from "../logs/life.ts";
import type { LogReading } from "../logs/log-places.ts";
import { watchLogs } from "../logs/open-logs.ts";
import { LogApp } from "./app.ts";
import { footOf } from "./foot.ts";
import { newLogModel } from "./model.ts";

export interface ScreenOptions {
  readonly context: CommandContext;
  readonly engine: Engine;
  readonly reading: LogReading;
  readonly streams: readonly LogStream[];
  readonly filter: LogFilter;
}

/** Lines of each log that the screen begins with. */
const BACKLOG = 1000;

export async function watchScreen({ context, engine, reading, streams, filter }: ScreenOptions): Promise<number> {
  const now = (): number => engine.services.clock.now();
  const logs = watchLogs(reading, streams, { last: BACKLOG, now });
  const model = newLogModel(filter);
  model.push(logs.poll());
  const fault: { error?: unknown } = {};
  const app = render(
    createElement(LogApp, {
      model,
      streams,
      now,
      color: context.color,
      unicode: /utf-?8/i.test(context.env.LC_ALL ?? context.env.LC_CTYPE ?? context.env.LANG ?? "UTF-8"),
      refresh: () => {
        try {
          model.push(logs.poll());
        } catch (error) {
          fault.error = error;
          app.unmount();
        }
      },
      life: (id) => lifeOf({ engine, reading, now }, id),
      foot: footOf,
      quit: () => app.unmount(),
    }),
    {
      stdout: context.stdout as NodeJS.WriteStream,
      stdin: context.stdin as NodeJS.ReadStream,
      exitOnCtrlC: false,
      patchConsole: false,
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: 20,
    },
  );
  process.once("SIGTERM", () => app.unmount());
  await app.waitUntilExit();
  logs.close();
  if (fault.error !== undefined) throw fault.error;
  return 0;
}

async function lifeOf(
  { engine, reading, now }: { engine: Engine; reading: LogReading; now: () => number },
  id: string,
): Promise<readonly string[]> {
  const access = queueAccess(engine);
  const since = (timeOfMessageId(id) ?? 0) - 1000;
  const [life] = await gatherLives({ engine, access, reading, queue: await access.list() }, { ids: [id], since });
  return life === undefined ? [`nothing is known of ${id}`] : lifeLines(life, { now: now() });
}
