/** Main options as the numbers and templates that deliveries work with. */
import type { DeliverySettings } from "@mailkit/delivery";
import type { MainSettings } from "@mailkit/config";
import { parseDuration } from "./durations.ts";
import type { AddressList, Scope, Services } from "@mailkit/sdk";
import { splitList } from "@mailkit/sdk";

export interface DeliverySettingsParts {
  readonly main: MainSettings;
  readonly services: Services;
  readonly primaryHostname: string;
}

export function deliverySettings({ main, services, primaryHostname }: DeliverySettingsParts): DeliverySettings {
  const condition = main.template("delay_warning_condition");
  return {
    remoteMaxParallel: main.number("remote_max_parallel"),
    retryIntervalMax: main.number("retry_interval_max"),
    retryDataExpire: main.number("retry_data_expire"),
    receivedHeadersMax: main.number("received_headers_max"),
    ignoreBounceErrorsAfter: main.number("ignore_bounce_errors_after"),
    timeoutFrozenAfter: main.number("timeout_frozen_after"),
    autoThaw: main.number("auto_thaw"),
    delayWarning: main.items("delay_warning").flatMap((item) => parseDuration(item) ?? []),
    delayWarningCondition: async (scope) => {
      if (condition === undefined) return true;
      const value = await condition.evaluate(scope);
      return value.kind === "value" && !["", "0", "no", "false"].includes(value.text.trim().toLowerCase());
    },
    freezeTell: main.text("freeze_tell"),
    reports: {
      primaryHostname,
      dsnFrom: main.template("dsn_from"),
      errorsReplyTo: main.text("errors_reply_to"),
      returnMessage: main.flag("bounce_return_message"),
      returnBody: main.flag("bounce_return_body"),
      sizeLimit: main.number("bounce_return_size_limit"),
      lineLimit: main.number("bounce_return_linesize_limit"),
      bounceMessageText: main.text("bounce_message_text"),
      bounceMessageFile: main.template("bounce_message_file"),
      warnMessageFile: main.isSet("warn_message_file") ? main.template("warn_message_file") : undefined,
      copyTo: (recipient, scope) => errorsCopy(main.text("errors_copy"), recipient, scope, services),
    },
  };
}

/** `errors_copy`: pattern and addresses by turns (manual, option errors_copy). */
async function errorsCopy(setting: string | undefined, recipient: string, scope: Scope, services: Services): Promise<string | undefined> {
  if (setting === undefined || setting === "") return undefined;
  for (const item of splitList(setting).items) {
    const [, pattern, addresses] = /^\s*(\S+)\s+(.+)$/.exec(item) ?? [];
    if (pattern === undefined || addresses === undefined) continue;
    const list: AddressList = services.lists.address(pattern);
    if ((await list.match(recipient, scope)).kind !== "yes") continue;
    const expanded = await services.strings.expand(addresses, scope);
    return expanded.kind === "value" ? expanded.text : undefined;
  }
  return undefined;
}
