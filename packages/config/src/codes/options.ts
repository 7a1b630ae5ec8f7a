/** MK01xx: options and their values. */
import type { CodeEntry } from "./entry.ts";

export const optionCodes = {
  MK0101: { severity: "error", title: "No option setting", explanation: "A setting begins with the name of an option.", example: "= 3" },
  MK0102: {
    severity: "error",
    title: "Unknown option",
    explanation: "Nothing has an option of this name. Private options of a driver are known only after its driver line.",
    example: "smarthost:\n  driver = manualroute\n  route_dat = mx.example",
  },
  MK0103: {
    severity: "error",
    title: "Option set twice",
    explanation: "Most options may be set once. headers_add, headers_remove, condition (routers) and set add up.",
    example: "qualify_domain = a\nqualify_domain = b",
  },
  MK0104: {
    severity: "error",
    title: "Text after a switch",
    explanation: "A switch stands alone, or has = and a truth value.",
    example: "queue_only always",
  },
  MK0105: {
    severity: "error",
    title: "Not a truth value",
    explanation: "Switches take true, false, yes and no.",
    example: "queue_only = maybe",
  },
  MK0106: {
    severity: "error",
    title: "no_ before an option that is no switch",
    explanation: "Only switches can be turned off with no_ or not_.",
    example: "no_qualify_domain",
  },
  MK0107: {
    severity: "error",
    title: "Value missing",
    explanation: "The option needs an equals sign and a value, which may be empty.",
    example: "qualify_domain",
  },
  MK0108: {
    severity: "error",
    title: "Malformed quoted value",
    explanation: "A value that begins with a quote ends with one, and nothing follows it.",
    example: 'qualify_domain = "example.org',
  },
  MK0110: {
    severity: "error",
    title: "Not a number",
    explanation: "The value is no number of the kind that the option takes, or too large.",
    example: "recipients_max = many",
  },
  MK0111: {
    severity: "error",
    title: "Not a time",
    explanation: "Times are sequences such as 1h30m; a number alone is no time.",
    example: "auto_thaw = 5",
  },
  MK0112: {
    severity: "error",
    title: "Unknown user or group",
    explanation: "The name is not in the machine's databases.",
    example: "never_users = rot",
  },
  MK0113: {
    severity: "error",
    title: "Not one of the values",
    explanation: "The option takes one of a few words.",
    example: "host_find_failed = panic",
  },
  MK0114: {
    severity: "error",
    title: "No router variable",
    explanation: "set on a router takes r_name = value, several separated by semicolons.",
    example: "set = name = value",
  },
  MK0115: {
    severity: "error",
    title: "Times out of order",
    explanation: "The times of delay_warning rise.",
    example: "delay_warning = 24h:4h",
  },
  MK0116: {
    severity: "error",
    title: "Value out of range",
    explanation: "The value is none that the option takes.",
    example: "localhost_number = 99",
  },
  MK0117: {
    severity: "error",
    title: "Unknown log selector",
    explanation: "log_selector is a list of +name and -name.",
    example: "log_selector = +sbject",
  },
  MK0118: {
    severity: "error",
    title: "Log path without %s",
    explanation: "%s stands for main, reject and panic.",
    example: "log_file_path = /var/log/mail",
  },
  MK0119: {
    severity: "error",
    title: "Options that exclude each other",
    explanation: "One option is only of use when another one is off.",
    example: "local_sender_retain without no_local_from_check",
  },
  MK0120: {
    severity: "warning",
    title: "Option without effect",
    explanation: "Exim has this option and mailkit does not follow it. The message says what happens instead.",
    example: "perl_startup = do '/etc/exim.pl'",
  },
  MK0121: {
    severity: "error",
    title: "Option that cannot be ignored",
    explanation: "mailkit does not follow this option, and going on without it would be unsafe.",
    example: "disable_fsync",
  },
} as const satisfies Record<string, CodeEntry>;
