import test from "ava";
import type { MainSettings } from "@mailkit/config";
import { expandSettings } from "./settings.ts";

const logsOf = (written: Readonly<Record<string, string>>): string | undefined => {
  const template = (name: string) =>
    written[name] === undefined ? undefined : { evaluate: () => ({ kind: "value", text: written[name] }) as const };
  const main = { template, text: (name: string) => written[name] } as unknown as MainSettings;
  return expandSettings(main, () => undefined as never).text("log_file_path");
};

test("Debian's package was built with a place for its logs, which its configuration does not name", (t) => {
  t.is(logsOf({ spool_directory: "/var/spool/exim4" }), "/var/log/exim4/%slog");
  t.is(logsOf({ spool_directory: "/var/spool/exim4", log_file_path: "syslog" }), "syslog");
  t.is(logsOf({ spool_directory: "/var/spool/mailkit" }), undefined);
  t.is(logsOf({}), undefined);
});
