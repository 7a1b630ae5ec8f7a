/** MK07xx: legal, and probably not what was meant. */
import type { CodeEntry } from "./entry.ts";

export const lintCodes = {
  MK0701: {
    severity: "warning",
    title: "Router condition that is always true",
    explanation:
      "A router takes every text but the empty one, 0, no and false for true, so text beside the ${if}, text without any ${if} and " +
      "alternatives of which none is false make the condition hold always.",
    example: "condition = ${if eq{$domain}{a}{yes}{no}} {x}",
  },
  MK0702: {
    severity: "warning",
    title: "Host list that stops at a host without a name",
    explanation:
      "An item that needs the client's name ends the whole list for clients without one. Put addresses first, or +ignore_unknown " +
      "before the names; behind them it comes too late.",
    example: "hosts = *.example.org : 192.0.2.1",
  },
  MK0703: {
    severity: "warning",
    title: ".ifdef that is true for a part of the word",
    explanation: "Macro names match as substrings, so the name of another macro inside the word decides.",
    example: "TLS = yes\n.ifdef TLS_PORT",
  },
  MK0704: {
    severity: "warning",
    title: "IPv6 address in a list with colons",
    explanation: "Colons separate items unless they are doubled. Begin the list with <; to use semicolons.",
    example: "hosts = 2001:db8::1 : 192.0.2.1",
  },
  MK0705: {
    severity: "warning",
    title: "Open relay",
    explanation: "Any host can send to any domain: a statement of acl_smtp_rcpt accepts without a condition on host, recipient or login.",
    example: "check_rcpt:\n  accept",
  },
  MK0706: {
    severity: "warning",
    title: "Name never used",
    explanation: "A named list, transport, ACL or macro to which nothing refers.",
    example: "domainlist unused = example.org",
  },
  MK0707: {
    severity: "warning",
    title: "Macro replaced inside a longer name",
    explanation: "Macro names match anywhere in a line, so a name that is not defined itself, but holds a macro's name, is changed.",
    example: "DIR = /etc/mail\nspool_directory = SPOOL_DIR",
  },
  MK0708: {
    severity: "warning",
    title: "Comment behind a value",
    explanation: "# begins a comment at the start of a line only. Behind a value it belongs to the value.",
    example: "domainlist local_domains = a.example : b.example # ours",
  },
  MK0709: {
    severity: "warning",
    title: "Backslash that a quoted value loses",
    explanation:
      'In quotes the backslash is read with the file: \\n, \\r, \\t, octal and hexadecimal numbers, \\\\ and \\" stand for a character, before any ' +
      "other character it is dropped. Expansions and regular expressions need it doubled there.",
    example: 'data = "${if match{$local_part}{\\N^\\d+$\\N}{x}}"',
  },
  MK0710: {
    severity: "warning",
    title: "No ACL for RCPT",
    explanation: "Without acl_smtp_rcpt every recipient is refused.",
    example: "# no acl_smtp_rcpt",
  },
  MK0711: {
    severity: "warning",
    title: "No retry rule for every error",
    explanation: "Addresses without a rule bounce at the first temporary error. End the section with * * and steps.",
    example: "begin retry\nexample.org * F,2d,1h",
  },
  MK0712: {
    severity: "warning",
    title: "Retry rule that is never reached",
    explanation: "A rule before it takes every address and error.",
    example: "* * F,1d,1h\nexample.org * F,2d,1h",
  },
  MK0713: {
    severity: "warning",
    title: "Router condition that is never true",
    explanation: "Every text that the condition can come to is empty, 0, no or false, so the router is always skipped.",
    example: "condition = ${if eq{$domain}{a.example}{no}}",
  },
  MK0714: {
    severity: "warning",
    title: "ACL condition that is neither true nor false",
    explanation:
      "In an ACL a condition comes to digits, yes, true, or to nothing, no, false. Any other text is an error, and the client is told to " +
      "try later (451). Routers are not so strict.",
    example: "deny condition = ${if eq{$sender_address}{a@b}{spam}{}}",
  },
  MK0715: {
    severity: "warning",
    title: "Forced failure that makes an ACL condition true",
    explanation: "When the expansion of condition or dnslists ends in fail, the condition is skipped, which counts as true.",
    example: "deny condition = ${lookup{$sender_address}lsearch{/etc/blocked}{yes}fail}",
  },
  MK0716: {
    severity: "warning",
    title: "List that ends with a negated item",
    explanation:
      "When no item of a list matches, the last one decides: after a negated one the subject is in the list. So single names before it decide " +
      "nothing.",
    example: "domains = a.example : !b.example",
  },
  MK0717: {
    severity: "warning",
    title: "List item that is never reached",
    explanation: "Items are tried from left to right, and * takes everything.",
    example: "hosts = * : !192.0.2.1",
  },
  MK0718: {
    severity: "warning",
    title: "Two items joined by a doubled separator",
    explanation: "A doubled separator stands for itself inside an item. Two items are separated by a single one.",
    example: "domains = a.example::b.example",
  },
  MK0719: {
    severity: "warning",
    title: "Pattern that takes longer names",
    explanation: "The asterisk of a pattern needs no dot behind it: *example.org takes notexample.org too.",
    example: "domains = *example.org",
  },
  MK0720: {
    severity: "warning",
    title: "Partial lookup in an address list",
    explanation: "A lookup without *@ is asked for the whole address, and partial matching is not done for addresses.",
    example: "senders = partial-lsearch;/etc/senders",
  },
  MK0721: {
    severity: "warning",
    title: "ACL that never accepts",
    explanation: "An ACL that comes to its end denies. One with neither accept nor discard refuses everything.",
    example: "acl_smtp_data = check_data ... check_data:\n  deny malware = *",
  },
  MK0722: {
    severity: "warning",
    title: "ACL statement that is never reached",
    explanation: "A statement before it has no condition, so the ACL always ends there.",
    example: "check_rcpt:\n  accept\n  deny dnslists = bl.example",
  },
  MK0723: {
    severity: "warning",
    title: "Message behind the conditions of require",
    explanation: "Items are done in order, and require ends at the first condition that fails: what is set after it is not known yet.",
    example: "require verify = recipient\n        message = unknown user",
  },
  MK0724: {
    severity: "warning",
    title: "Reply code of another class",
    explanation: "The code at the start of message must begin with the digit that the verb stands for. Another one is dropped.",
    example: "deny message = 450 4.7.1 greylisted",
  },
  MK0731: {
    severity: "warning",
    title: "Router that is never reached",
    explanation: "A router before it takes every address, or stops the search (no_more) for all that it does not take.",
    example: "catchall:\n  driver = accept\n  transport = t\nlater:\n  driver = accept",
  },
} as const satisfies Record<string, CodeEntry>;
