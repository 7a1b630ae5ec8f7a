/** Values of main options that Exim looks into at start. */
import { nearest, trimSpace } from "@mailkit/sdk";
import { checkLogSelector, LOG_SELECTORS } from "../log-selectors.ts";
import { GROUP_LISTS, USER_LISTS } from "../main-options.ts";
import { parseInteger, parseTime } from "../values/numbers.ts";
import { splitList } from "../values/scan.ts";
import { identityExists, reportIdentity } from "../values/value.ts";
import { place, settingPlace, writtenSettings, type Rule } from "./input.ts";

/** Lists of users and groups name existing ones. */
export const identityLists: Rule = (input) => {
  for (const { setting } of writtenSettings(input)) {
    const kind = USER_LISTS.has(setting.name) ? "user" : GROUP_LISTS.has(setting.name) ? "group" : undefined;
    if (kind === undefined || setting.located.text.includes("$")) continue;
    for (const item of splitList(setting.located.text)) {
      if (identityExists(kind, item.text, input.accounts)) continue;
      const where = place(setting.located, item.offset, item.text.length);
      reportIdentity({ kind, written: item.text, option: setting.name }, { ...where, end: where.at }, input.report);
    }
  }
};

const FACILITIES = new Set(
  "auth authpriv cron daemon kern lpr mail news syslog user uucp local0 local1 local2 local3 local4 local5 local6 local7".split(" "),
);

/** Options that are expanded for each use and must then be numbers. */
const EXPANDED_NUMBERS = new Set(["message_size_limit", "smtp_accept_max_per_host", "smtp_accept_max_per_connection", "queue_run_max"]);

/** Without anything to expand they are known now; Exim notices when the first message comes, and defers it. */
export const expandedNumbers: Rule = (input) => {
  for (const { setting } of writtenSettings(input)) {
    const text = trimSpace(setting.located.text);
    if (!EXPANDED_NUMBERS.has(setting.name) || text === "" || /[$\\]/.test(text) || parseInteger(text, true).kind === "value") continue;
    input.report.add("MK0110", `${setting.name} needs a number, not "${text}"`, { ...settingPlace(setting), hint: "as in 50M" });
  }
};

export const mainValues: Rule = ({ settings, report }) => {
  const delays = settings.get("delay_warning");
  if (delays !== undefined) {
    let before = -1;
    for (const item of splitList(delays.located.text)) {
      const time = parseTime(item.text);
      const where = place(delays.located, item.offset, item.text.length);
      if (time === undefined) {
        report.add("MK0111", `delay_warning needs times, not "${item.text}"`, {
          ...where,
          hint: "as in 4h:24h",
          eximText: "invalid time value for delay_warning",
        });
      } else if (time <= before) {
        report.add("MK0115", `${item.text} is not later than the time before it`, {
          ...where,
          hint: "put the times in rising order",
          eximText: "time value out of order for delay_warning",
        });
      }
      before = time ?? before;
    }
  }
  const receive = settings.get("smtp_receive_timeout");
  if (receive !== undefined && !receive.located.text.includes("$") && parseTime(receive.located.text) === undefined) {
    const eximText = "invalid time value for smtp_receive_timeout";
    report.add("MK0111", `smtp_receive_timeout needs a time, not "${receive.located.text}"`, {
      ...settingPlace(receive),
      hint: "as in 5m",
      eximText,
    });
  }
  const host = settings.get("localhost_number");
  if (host !== undefined && !host.located.text.includes("$")) {
    const text = trimSpace(host.located.text);
    const eximText = !/^\d+$/.test(text)
      ? `localhost_number value is not a number: ${text}`
      : Number(text) > 16
        ? "localhost_number is greater than the maximum allowed value (16)"
        : undefined;
    if (eximText !== undefined)
      report.add("MK0116", `localhost_number cannot be ${text}`, {
        ...settingPlace(host),
        hint: "a number from 0 to 16",
        eximText,
        eximWhere: "",
      });
  }
};

/** Exim's default of local_from_check is on, and the two contradict each other (manual, option local_sender_retain). */
export const retainedSender: Rule = ({ settings, report }) => {
  const retain = settings.get("local_sender_retain");
  if (retain?.value !== true || settings.get("local_from_check")?.value === false) return;
  report.add("MK0119", "local_sender_retain needs local_from_check to be off", {
    ...settingPlace(retain),
    hint: "add no_local_from_check",
    eximText: "both local_from_check and local_sender_retain are set; this combination is not allowed",
    eximWhere: "",
  });
};

export const logOptionValues: Rule = ({ settings, report }) => {
  const facility = settings.get("syslog_facility");
  if (
    facility !== undefined &&
    facility.located.text !== "" &&
    !FACILITIES.has(facility.located.text.replace(/^log_/i, "").toLowerCase())
  ) {
    const eximText = `failed to interpret syslog_facility "${facility.located.text}"`;
    report.add("MK0116", `there is no syslog facility "${facility.located.text}"`, {
      ...settingPlace(facility),
      hint: "usually mail",
      eximText,
      eximWhere: "",
    });
  }
  const selector = settings.get("log_selector");
  const fault = selector === undefined ? undefined : checkLogSelector(selector.located.text);
  if (selector !== undefined && fault !== undefined) {
    const eximText =
      fault.why === "unknown"
        ? `unknown log_selector setting: ${fault.word}`
        : `malformed log_selector setting: + or - expected but found "${fault.word}"`;
    const message =
      fault.why === "unknown" ? `there is no log selector "${fault.word.slice(1)}"` : `+ or - is missing before "${fault.word}"`;
    const near = fault.why === "unknown" ? nearest(fault.word.slice(1), LOG_SELECTORS) : undefined;
    report.add("MK0117", message, {
      ...place(selector.located, fault.offset, fault.word.length),
      hint: near === undefined ? "as in +subject -queue_run" : `did you mean "${fault.word[0]}${near}"?`,
      eximText,
      eximWhere: "",
    });
  }
  const path = settings.get("log_file_path");
  const files = path === undefined ? [] : splitList(path.located.text).filter((item) => item.text !== "" && item.text !== "syslog");
  for (const item of files) {
    if (path === undefined || item.text.includes("%s") || item.text.includes("$")) continue;
    const where = place(path.located, item.offset, item.text.length);
    report.add("MK0118", `log_file_path "${item.text}" has no %s for the name of the log`, {
      ...where,
      hint: "as in /var/log/exim4/%slog",
    });
  }
};
