/** `$tod_...` from the clock (manual §"Expansion variables"). The zone is the option `timezone`. */
import { value } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";
import { logDate, mailboxDate, mailDate, zoneOffset, zoneText } from "@mailkit/message";
import type { Environment } from "./environment.ts";

export function timeVariable(name: string, env: Environment): Expansion | undefined {
  const text = timeText(name, env.services.clock.now(), env.settings.timezone);
  return text === undefined ? undefined : value(text);
}

function timeText(name: string, now: number, timezone: string | undefined): string | undefined {
  switch (name) {
    case "tod_epoch":
      return String(Math.floor(now / 1000));
    case "tod_epoch_l":
      return String(Math.floor(now * 1000));
    case "tod_zulu":
      return `${new Date(now).toISOString().replace(/[-T:]|\.\d+/g, "")}`;
    case "tod_bsdinbox":
      return mailboxDate(now, zoneOffset(now, timezone));
    case "tod_full":
      return mailDate(now, zoneOffset(now, timezone));
    case "tod_log":
      return logDate(now, zoneOffset(now, timezone));
    case "tod_logfile":
      return logDate(now, zoneOffset(now, timezone)).slice(0, 10).replaceAll("-", "");
    case "tod_zone":
      return zoneText(zoneOffset(now, timezone));
    default:
      return undefined;
  }
}
